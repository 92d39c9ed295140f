import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { cutPowerAtRandom, describePowerCuts } from '../../dev/tailnet/powercut.ts';

const test = suite('tailnet: power cut');
const seed = Math.floor(Math.random() * 2 ** 32);
const result = await cutPowerAtRandom({ cuts: 100, seed });
console.log(`${describePowerCuts(result)}; seed ${seed}`);

test('the identity survives, no half binary lies under bin/, and the next start works', () => {
  assert.is(result.broken, undefined);
});

test('what is running or half done was cut off as well', () => {
  for (const phase of ['downloading', 'verifying', 'running']) assert.ok(result.phases[phase], phase);
  assert.ok(result.powerCuts > 0 && result.crashes > 0);
});

test.run();
