import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agentModules } from '../support/agent-modules.ts';

interface Warned {
  expiry: number;
  days: number;
  left: number;
}

const day = 86_400;
const expiry = 1_800_000_000;

for (const module of await agentModules('expiry')) {
  const test = suite(`key expiry on ucode ${module.release}`);
  const due = (...args: unknown[]): Warned | null => module.call('dueWarning', ...args) as Warned | null;

  test('each mark once, from 30 days on', () => {
    const given: number[] = [];
    let warned: Warned | null = null;
    const hours = Array.from({ length: 33 * 8 }, (_, i) => expiry - 33 * day + i * 3 * 3600);
    // Tries them all in one process for every state that may come up.
    const states = [null, 30, 14, 7, 3, 1].map((days) => (days === null ? null : { expiry, days }));
    const table = states.map(
      (state) =>
        module.each(
          'dueWarning',
          hours.map((now) => [expiry, now, state])
        ) as (Warned | null)[]
    );
    for (const i of hours.keys()) {
      const next: Warned | null | undefined =
        table[states.findIndex((state) => state?.days === warned?.days)]?.[i];
      if (!next) continue;
      given.push(next.days);
      warned = next;
    }
    assert.equal(given, [30, 14, 7, 3, 1]);
  });

  test('after a long time off, the nearest mark alone', () => {
    assert.equal(due(expiry, expiry - 2 * day, null), { expiry, days: 3, left: 2 });
    assert.equal(due(expiry, expiry - 2 * day, { expiry, days: 30 }), { expiry, days: 3, left: 2 });
    assert.is(due(expiry, expiry - 2 * day, { expiry, days: 3 }), null);
  });

  test('a new key is warned of anew', () => {
    assert.is(due(expiry + 180 * day, expiry, { expiry, days: 1 }), null);
    assert.is(due(expiry + 180 * day, expiry + 175 * day, { expiry, days: 1 })?.days, 7);
  });

  test('nothing far from it, after it, or without one', () => {
    assert.is(due(expiry, expiry - 30 * day - 1, null), null);
    assert.is(due(expiry, expiry - 30 * day, null)?.days, 30);
    assert.is(due(expiry, expiry, null), null);
    assert.is(due(expiry, expiry + day, null), null);
    assert.is(due(null, expiry, null), null);
  });

  test.run();
}
