import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { workerData } from 'node:worker_threads';
import type { HostModule } from './compile.ts';
import { makeGlobals } from './globals.ts';
import { makeAsk, type LinkEnd } from './link.ts';
import { Guard, Loop } from './loop.ts';
import { makeFs } from './modules/fs.ts';
import { makeLog } from './modules/log.ts';
import { math } from './modules/math.ts';
import { makePopen } from './modules/popen.ts';
import { makeSocket } from './modules/socket.ts';
import { makeUbus } from './modules/ubus.ts';
import { makeUci } from './modules/uci.ts';
import { makeUloop } from './modules/uloop.ts';
import { Place } from './place.ts';
import { exceptionText, Realm } from './realm.ts';
import type { Calls } from './system/system.ts';

/** A program's thread: what `runOnHost()` starts. */

export interface ThreadData {
  link: LinkEnd;
  sources: Record<string, HostModule>;
  entry: string;
  root: string;
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
}

const { link, sources, entry, root, args, environment } = workerData as ThreadData;
const ask = makeAsk<Calls>(link);
const place = new Place(root);
const loop = new Loop(ask);

const write = (descriptor: number, bytes: string): void => {
  ask('write', descriptor, bytes);
};
const makers: Readonly<Record<string, () => object>> = {
  fs: () => makeFs(place, makePopen(ask, environment)),
  log: () =>
    makeLog((line) => {
      write(2, line);
    }),
  math: () => math,
  socket: () => makeSocket(ask, place),
  ubus: () => makeUbus(ask, loop, new Guard()),
  uci: () => makeUci(place),
  uloop: () => makeUloop(ask, loop, new Guard(), environment, place)
};
const made = new Map<string, object>();
const builtin = (name: string): object | undefined => {
  const known = made.get(name) ?? makers[name]?.();
  if (known) made.set(name, known);
  return known;
};

const realm = new Realm(sources, (raise) => ({
  builtin,
  globals: makeGlobals(
    {
      write,
      args,
      environment,
      exit: (code) => process.exit(code & 255),
      system,
      sleep: (milliseconds) => {
        ask('wait', [], milliseconds, false);
      }
    },
    raise
  )
}));

try {
  realm.load(entry);
} catch (error) {
  write(2, `${exceptionText(error)}\n`);
  process.exit(254);
}
process.exit(0);

function system(command: string | readonly string[], timeout: number): number {
  const [program = '', ...rest] = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
  const ran = spawnSync(program, rest, {
    env: environment,
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: Infinity
  });
  // What could not be started has written nothing.
  const { stdout, stderr } = ran as { stdout: string | null; stderr: string | null };
  write(1, stdout ?? '');
  write(2, stderr ?? '');
  if (ran.signal) return -constants.signals[ran.signal];
  return ran.status ?? 255;
}
