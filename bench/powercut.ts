import { parseArgs } from 'node:util';
import { cutPowerAtRandom, describePowerCuts } from '../dev/tailnet/powercut.ts';
import { isolated } from './support/isolated.ts';

/** `npm run bench -- powercut [--cuts=1000] [--seed=N]` */
export const run = isolated('powercut', async (args) => {
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
});
