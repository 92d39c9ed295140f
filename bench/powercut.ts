import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isIsolated, runIsolated } from '../dev/tailnet/namespaces.ts';
import { cutPowerAtRandom, describePowerCuts } from '../dev/tailnet/powercut.ts';

/** `npm run bench -- powercut [--cuts=1000] [--seed=N]` */
export async function run(args: readonly string[]): Promise<void> {
  if (!isIsolated()) {
    const code = await runIsolated(fileURLToPath(new URL('run.ts', import.meta.url)), ['powercut', ...args]);
    if (code !== 0) process.exitCode = code;
    return;
  }
  process.once('SIGINT', () => process.exit(130));
  const { values } = parseArgs({
    args: [...args],
    options: {
      cuts: { type: 'string', default: '1000' },
      seed: { type: 'string', default: `${Date.now() % 2 ** 32}` }
    }
  });
  const cuts = Number(values.cuts);
  const seed = Number(values.seed);
  console.log(`powercut: ${cuts} cuts, seed ${seed}`);
  const result = await cutPowerAtRandom({
    cuts,
    seed,
    progress: (done) => {
      if (done % 100 === 0) console.log(`powercut: ${done} of ${cuts}`);
    }
  });
  console.log(`powercut: ${describePowerCuts(result)}`);
  if (result.broken !== undefined) {
    console.log(result.broken);
    process.exitCode = 1;
  }
}
