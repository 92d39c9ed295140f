import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agentModules } from '../support/agent-modules.ts';

interface State {
  since: number | null;
  tried: { action: string; at: number } | null;
  history: Record<string, number>;
}

interface Minute {
  internet: boolean;
  tailnet: boolean;
  uptime: number;
  now: number;
  hours: number;
}

const hour = 3600;
const day = 24 * hour;
const start = 1_800_000_000;
const fresh: State = { since: null, tried: null, history: {} };

/** One minute after the other, as the agent asks; prints [minute, action, helped] where there is one. */
const life = `
function live(state, minutes) {
  let told = [];
  for (let i = 0; i < length(minutes); i++) {
    let next = module.watch(state, minutes[i]);
    state = next.state;
    if (next.action || next.helped) push(told, [ i, next.action, next.helped ]);
  }
  return { told, state };
}`;

for (const module of await agentModules('watchdog', life)) {
  const test = suite(`watchdog on ucode ${module.release}`);
  const live = (state: State, minutes: readonly Minute[]): { told: unknown[]; state: State } =>
    module.call('live', state, minutes) as { told: unknown[]; state: State };
  /** Hours of a broken tailnet, minute by minute. */
  const broken = (hours: number, change: Partial<Minute> = {}): Minute[] =>
    Array.from({ length: hours * 60 }, (_, i) => ({
      internet: true,
      tailnet: false,
      hours: 6,
      ...change,
      uptime: (change.uptime ?? 0) + i * 60,
      now: (change.now ?? start) + i * 60
    }));
  const acts = (hours: number, change?: Partial<Minute>, state = fresh): unknown[] =>
    live(state, broken(hours, change)).told.map((each) => (each as unknown[]).slice(0, 2));

  test('after the hours, one thing after the other, and no reboot in the first day', () => {
    assert.equal(acts(12), [
      [360, 'rebind'],
      [375, 'restart'],
      [390, 'last-good']
    ]);
  });

  test('a reboot, too, if this boot is a day old', () => {
    assert.equal(acts(12, { uptime: day }).slice(3), [[405, 'reboot']]);
  });

  test('each at most once a day, for days', () => {
    const told = acts(72, { uptime: day });
    for (const action of ['rebind', 'restart', 'last-good', 'reboot']) {
      const times = told.filter((each) => (each as unknown[])[1] === action) as [number, string][];
      assert.is(times.length, 3, action);
      assert.ok(times.every(([minute], i) => i === 0 || minute - (times[i - 1]?.[0] ?? 0) >= 1440));
    }
  });

  test('after its own reboot it waits for the day to be over', () => {
    const { state } = live(fresh, broken(7, { uptime: day }));
    assert.is(state.history['reboot'], start + 405 * 60);
    const rebooted = { ...fresh, history: state.history };
    assert.equal(
      acts(20, { now: start + 7 * hour }, rebooted).filter((each) => (each as unknown[])[1] === 'reboot'),
      []
    );
  });

  test('no second reboot because the clock is wrong', () => {
    const history = { reboot: start, rebind: start, restart: start, 'last-good': start };
    for (const now of [0, start - 30 * day, start + 400 * day])
      assert.equal(
        acts(20, { now }, { ...fresh, history }).filter((each) => (each as unknown[])[1] === 'reboot'),
        []
      );
  });

  test('a clock that was ahead once does not stop it for ever', () => {
    const history = { rebind: start + 4000 * day };
    const told = acts(48, {}, { ...fresh, history });
    assert.equal(told[0], [360, 'restart']);
    assert.is(told.filter((each) => (each as unknown[])[1] === 'rebind').length, 1);
  });

  test('nothing while the Internet is away too, while the tailnet works, or when it is off', () => {
    assert.equal(acts(30, { internet: false }), []);
    assert.equal(acts(30, { tailnet: true }), []);
    assert.equal(acts(30, { hours: 0 }), []);
    assert.equal(acts(30, { hours: -1 }), []);
  });

  test('the hours begin anew after a minute in which all is well', () => {
    const minutes = broken(8);
    minutes[300] = { ...(minutes[300] as Minute), tailnet: true };
    assert.equal(live(fresh, minutes).told, []);
    minutes[300] = { ...minutes[300], tailnet: false, internet: false };
    assert.equal(live(fresh, minutes).told, []);
  });

  test('it says what helped', () => {
    const minutes = [...broken(6), ...broken(1, { uptime: 6 * hour, now: start + 6 * hour })].map(
      (minute, i) => (i < 380 ? minute : { ...minute, tailnet: true })
    );
    assert.equal(live(fresh, minutes).told.at(-1), [380, null, 'restart']);
  });

  test('a state of the boot before is of no use', () => {
    assert.equal(acts(7, {}, { ...fresh, since: 10 * day })[0], [360, 'rebind']);
  });

  test('the latest action of a history', () => {
    assert.is(module.call('lastAction', {}), null);
    assert.equal(module.call('lastAction', { rebind: 5, restart: 9, reboot: 7 }), {
      action: 'restart',
      at: 9
    });
  });

  test.run();
}
