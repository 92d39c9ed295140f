import { buildSync } from 'esbuild';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { compileForHost } from './compile.ts';
import { answerAsks } from './link.ts';
import { Bus } from './system/bus.ts';
import { System } from './system/system.ts';
import type { ThreadData } from './thread.ts';

export interface HostOptions {
  /** The folder that it takes for the root of the file system; it may write in it. */
  root: string;
  /** Shared with other programs and with the test; one of its own unless given. */
  bus?: Bus;
  args?: readonly string[];
  /** All that `getenv()` and the programs that it starts see; this process's unless given. */
  environment?: Readonly<Record<string, string>>;
  /** Gets what it prints as it comes: bytes, to stdout (1) or stderr (2). */
  write?: (descriptor: number, bytes: string) => void;
}

/** A ucode program that runs on Node. */
export interface HostProgram {
  bus: Bus;
  /** What it has printed up to now, stdout and stderr as they came: bytes. */
  output(): string;
  /** Its exit code. */
  ended: Promise<number>;
  /** Sends it a signal. */
  signal(name: NodeJS.Signals): void;
  /** Ends it as SIGKILL does. */
  kill(): Promise<void>;
}

/**
 * Starts a program of TypeScript for ucode, without a check of its types, in a thread of its own: it may block. Its
 * modules `fs`, `log`, `math`, `socket`, `ubus`, `uci` and `uloop` are those of this folder.
 */
export function runOnHost(entry: string, options: HostOptions): HostProgram {
  const { root, bus = new Bus(), args = [], environment = ownEnvironment(), write } = options;
  const pieces: string[] = [];
  const system = new System(bus, (descriptor, bytes) => {
    pieces.push(bytes);
    write?.(descriptor, bytes);
  });
  const link = answerAsks(system.calls);
  const workerData: ThreadData = {
    link,
    sources: compileForHost(entry),
    entry: resolve(entry),
    root,
    args,
    environment
  };
  const thread = new Worker(threadSource(), { eval: true, workerData, transferList: [link.port] });
  const ended = new Promise<number>((settle, reject) => {
    thread.once('error', reject);
    thread.once('exit', (code) => {
      system.end();
      settle(code);
    });
  });
  return {
    bus,
    output: () => pieces.join(''),
    ended,
    signal: (name) => {
      system.signal(name);
    },
    kill: async () => {
      await thread.terminate();
    }
  };
}

/** In one piece: a thread does not have this one's loader of TypeScript. */
function threadSource(): string {
  source ??= buildSync({
    entryPoints: [fileURLToPath(new URL('thread.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    write: false
  }).outputFiles[0]?.text;
  return source ?? '';
}
let source: string | undefined;

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  );
}
