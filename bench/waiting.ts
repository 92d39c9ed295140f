import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sleep } from '../dev/tailnet/wait.ts';
import { Sandbox, shells } from '../test/bootstrap/sandbox.ts';
import { judge } from './support/figures.ts';
import { isolated } from './support/isolated.ts';
import { processorSeconds } from './support/processes.ts';

/**
 * `npm run bench -- waiting [--full] [--shell=NAME]`: what the bootstrap costs while no server can be reached, and
 * how often it starts processes in its pauses. Ten minutes a shell with `--full`; without, as many attempts as they
 * bring, in about one.
 */
export const run = isolated('waiting', async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: { full: { type: 'boolean', default: false }, shell: { type: 'string' } }
  });
  for (const shell of values.shell === undefined ? shells : [values.shell]) {
    const sandbox = await Sandbox.create(shell);
    // Nobody listens there; the certificates are the system's, as on a router.
    sandbox.env['TSR_SOURCE'] = 'https://127.0.0.1:9';
    if (!values.full) sandbox.env['TSR_RETRY_MAX_S'] = '4';
    const { processor, attempts, seconds, mostStarts } = await watch(sandbox, (attempts, seconds) =>
      values.full ? seconds >= 600 : attempts >= attemptsInTenMinutes
    );
    await sandbox.remove();
    const name = `waiting, ${shell}`;
    console.log(`     ${name}: ${attempts} attempts in ${seconds.toFixed()} s`);
    judge(`${name}: processor time of ten minutes`, processor, 0.5, ' s');
    judge(`${name}: processes started within two seconds of a pause`, mostStarts, 1);
  }
});

/** With pauses of 2, 4, 8, 16 and 32 s, then of a minute, each and up to a quarter more. */
const attemptsInTenMinutes = 14;

interface Costs {
  attempts: number;
  seconds: number;
  /** Seconds of processor time of the shell and everything that it started. */
  processor: number;
  /** The most processes that were started within two seconds, while the state said that nothing is done. */
  mostStarts: number;
}

async function watch(
  sandbox: Sandbox,
  isEnough: (attempts: number, seconds: number) => boolean
): Promise<Costs> {
  const begun = performance.now();
  const { pid = 0 } = sandbox.start();
  let starts: number[] = [];
  let mostStarts = 0;
  // What is started between two looks counts if both see the same pause.
  let before: { last: number; pause: Pause } | undefined;
  for (;;) {
    const now = Date.now();
    const last = lastProcess();
    const pause = pauseOf(sandbox);
    const isQuiet = pause !== undefined && now > pause.from + 50 && now < pause.to;
    if (isQuiet && before?.pause.from === pause.from) {
      const started = last - before.last;
      starts = [...starts, ...Array.from({ length: started }, () => now)].filter((at) => at > now - 2000);
      mostStarts = Math.max(mostStarts, starts.length);
    } else {
      starts = [];
    }
    before = isQuiet ? { last, pause } : undefined;
    const seconds = (performance.now() - begun) / 1000;
    const attempts = sandbox.state()?.attempt ?? 0;
    if (pause && isEnough(attempts, seconds)) {
      const processor = processorSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return { attempts, seconds, processor, mostStarts };
    }
    await sleep(5);
  }
}

/** In milliseconds since 1970. */
interface Pause {
  from: number;
  /** A second early, because the bootstrap counts whole ones. */
  to: number;
}

/** The pause that the bootstrap is in. */
function pauseOf(sandbox: Sandbox): Pause | undefined {
  const seconds = sandbox.state()?.retry_in;
  if (typeof seconds !== 'number') return undefined;
  const from = statSync(join(sandbox.runDirectory, 'bootstrap.json')).mtimeMs;
  return { from, to: from + (seconds - 1) * 1000 };
}

/** The id of the process that was started last in this namespace, where ids only grow. */
function lastProcess(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').trim().split(' ').at(-1));
}
