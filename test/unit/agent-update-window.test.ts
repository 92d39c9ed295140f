import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { agentModules } from '../support/agent-modules.ts';

/** A Monday is 1. */
const at = (wday: number, time: string): Record<string, number> => {
  const [hour = 0, min = 0] = time.split(':').map(Number);
  return { wday, hour, min, sec: 0 };
};

for (const module of await agentModules('update-window')) {
  const test = suite(`update window on ucode ${module.release}`);
  const parse = (text: string): unknown => module.call('parseWindow', text);
  const open = (text: string, wday: number, time: string): unknown =>
    module.call('minutesOpen', parse(text), at(wday, time));

  test('open from its first minute to before its last', () => {
    assert.is(open('03:00-05:00', 1, '2:59'), null);
    assert.is(open('03:00-05:00', 1, '3:00'), 0);
    assert.is(open(' 3:00 - 5:00 ', 7, '4:59'), 119);
    assert.is(open('03:00-05:00', 7, '5:00'), null);
  });

  test('over midnight', () => {
    assert.is(open('23:30-01:00', 1, '23:29'), null);
    assert.is(open('23:30-01:00', 1, '23:30'), 0);
    assert.is(open('23:30-01:00', 2, '0:10'), 40);
    assert.is(open('23:30-01:00', 2, '1:00'), null);
    assert.is(open('22:00-00:00', 2, '23:59'), 119);
    assert.is(open('00:00-00:00', 2, '23:59'), 1439);
  });

  test('on the days on which it begins', () => {
    assert.is(open('sat,sun 03:00-05:00', 5, '4:00'), null);
    assert.is(open('Sat,Sun 03:00-05:00', 7, '4:00'), 60);
    assert.is(open('sun 23:00-01:00', 1, '0:30'), 90);
    assert.is(open('sun 23:00-01:00', 7, '0:30'), null);
    assert.is(open('sun 23:00-01:00', 7, '23:30'), 30);
  });

  test('what is no window is refused', () => {
    const wrong = [
      '',
      '03:00',
      '24:00-03:00',
      '25:00-03:00',
      '03:60-04:00',
      '03:00-24:00',
      '3-5',
      'someday 03:00-05:00',
      'mon, 03:00-05:00',
      'mon-fri 03:00-05:00',
      ', 03:00-05:00',
      '03:00-05:00 x',
      '03:00-05:00\n$(reboot)',
      `${'mon,'.repeat(10_000)}mon 03:00-05:00`
    ];
    const parsed = module.each(
      'parseWindow',
      wrong.map((text) => [text])
    );
    assert.equal(
      parsed,
      wrong.map(() => null)
    );
  });

  /** The minutes of a night, from 2:00 on, at which a node would update. */
  const minutes = (node: string, last: (now: number) => number | null): number[] => {
    const window = parse('03:00-05:00');
    const night = Array.from({ length: 240 }, (_, i) => i);
    const due = module.each(
      'isUpdateDue',
      night.map((i) => {
        const now = 1_800_000_000 + i * 60;
        return [window, at(1, `${2 + Math.floor(i / 60)}:${i % 60}`), now, node, last(now)];
      })
    );
    return night.filter((i) => due[i] === true);
  };

  test('each node begins at a minute of its own, early enough to finish', () => {
    const first = Array.from({ length: 8 }, (_, i) => minutes(`n${i}CNTRL`, () => null)[0] ?? -1);
    assert.ok(first.every((minute) => minute >= 60 && minute < 150));
    assert.ok(new Set(first).size >= 6, String(first));
    assert.is(minutes('n1CNTRL', () => null)[0], first[1]);
  });

  test('once in a window', () => {
    assert.equal(
      minutes('n1', (now) => now - 60),
      []
    );
    assert.equal(
      minutes('n1', (now) => now - 7199),
      []
    );
    assert.ok(minutes('n1', (now) => now - 86_400).length > 0);
    assert.ok(minutes('n1', (now) => now + 86_400).length > 0, 'the clock was ahead when it was done');
  });

  test('a window of a minute is enough', () => {
    assert.is(
      module.call('isUpdateDue', parse('03:00-03:01'), at(1, '3:00'), 1_800_000_000, 'n1', null),
      true
    );
  });

  test.run();
}
