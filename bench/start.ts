import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startMirror, type Mirror } from '../dev/mirror/mirror.ts';
import { waitFor } from '../dev/tailnet/wait.ts';
import { useCompactMirror } from '../test/bootstrap/compact-mirror.ts';
import { latest, latestRelease } from '../test/bootstrap/real-release.ts';
import { Sandbox, shells } from '../test/bootstrap/sandbox.ts';
import { openCompactMirror, type CompactMirror } from './support/compact-mirror.ts';
import { judge, median, spread } from './support/figures.ts';
import { isolated } from './support/isolated.ts';
import { processorSeconds, programOf } from './support/processes.ts';

/**
 * `npm run bench -- start [PAIRS]`: how long the bootstrap takes from its start to its exec, beside what
 * `wget -O- | tar xz` takes for the same archive from the same server; 7 pairs under each busybox unless told.
 */
export const run = isolated('start', async ([pairs = '7']) => {
  if (!/^[1-9]\d*$/.test(pairs)) throw new Error(`'${pairs}' is no number of pairs`);
  // With sizes in its index it is asked for as many files as the official server: for none of sizes.
  const mirror = await startMirror({ releases: [latestRelease], sizes: { index: true } });
  const compact = await openCompactMirror();
  for (const shell of shells.filter((name) => name !== 'dash')) {
    await compare(shell, mirror, Number(pairs));
    await compare(shell, mirror, Number(pairs), compact);
  }
  await compact.close();
  await mirror.close();
});

/** With a compact image in place of the archive, if there is one. */
async function compare(shell: string, mirror: Mirror, pairs: number, compact?: CompactMirror): Promise<void> {
  const inSandbox = (measure: (sandbox: Sandbox, file: string) => Promise<Cost>): Promise<Cost> =>
    measureIn(shell, mirror, compact, measure);
  const plain: Cost[] = [];
  const whole: Cost[] = [];
  // The first one reads everything from disk.
  await inSandbox(unpack);
  for (let pair = 0; pair < pairs; pair++) {
    plain.push(await inSandbox(unpack));
    whole.push(await inSandbox(boot));
  }
  const ratios = (cost: (which: Cost) => number, allowance = 0) =>
    whole.map((each, i) => (cost(each) - allowance) / cost(plain[i] ?? each));
  const seconds = (costs: Cost[]) => spread(costs.map(({ seconds }) => seconds));
  const name = `start, ${shell}${compact ? ', a compact image' : ''}`;
  console.log(`     ${name}: ${seconds(whole)} s to exec, ${seconds(plain)} s for wget | tar`);
  console.log(`     ${name}: time ratio ${spread(ratios(({ seconds }) => seconds))}`);
  console.log(`     ${name}: processor time ratio ${spread(ratios(({ processor }) => processor))}`);
  const withoutAllowance = ratios(({ seconds }) => seconds, 0.5);
  judge(`${name}: (start to exec - 0.5 s) / (wget | tar), median`, median(withoutAllowance), 1.25);
}

/** In seconds. */
interface Cost {
  seconds: number;
  processor: number;
}

async function measureIn(
  shell: string,
  mirror: Mirror,
  compact: CompactMirror | undefined,
  measure: (sandbox: Sandbox, file: string) => Promise<Cost>
): Promise<Cost> {
  const sandbox = (await Sandbox.create(shell)).use(mirror);
  try {
    if (compact) await useCompactMirror(sandbox, compact, compact.key);
    const file = compact
      ? `${compact.url}/stable/${compact.image.file}`
      : `${mirror.url}/stable/${latest.name}`;
    return await measure(sandbox, file);
  } finally {
    await sandbox.remove();
  }
}

async function boot(sandbox: Sandbox): Promise<Cost> {
  const started = performance.now();
  const { pid = 0 } = sandbox.start();
  const isDaemon = (program: string): boolean =>
    program.startsWith(sandbox.ramDirectory) && program.endsWith('/tailscaled');
  await waitFor('the bootstrap becomes tailscaled', 60, () => isDaemon(programOf(pid)), 1);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, processor: processorSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')) };
}

async function unpack({ shell, env, directory }: Sandbox, file: string): Promise<Cost> {
  const script = `
    "\${TSR_FETCH:-wget}" -q -O - --ca-certificate="$TSR_CA_FILE" "$1" | tar xz -C "$2" &&
      read -r stat </proc/$$/stat && echo "$stat"`;
  const [program, ...before] = shell;
  const started = performance.now();
  const args = [...before, '-c', script, 'sh', file, join(directory, 'ram')];
  const { stdout } = await promisify(execFile)(program, args, { env });
  return { seconds: (performance.now() - started) / 1000, processor: processorSeconds(stdout) };
}
