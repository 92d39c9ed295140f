import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../src/shared/status.ts';
import { agentModules } from '../support/agent-modules.ts';

const now = 1_800_000_000;
const day = 86_400;

interface Look {
  status: Partial<Status>;
  peers: { id: string; name: string; online: boolean }[] | null;
  now: number;
}

const self = {
  id: 'nSELF',
  name: 'router.tail1.ts.net',
  host_name: 'router',
  addresses: ['100.64.0.9'],
  owner: null,
  tags: [],
  key_expiry: null,
  online: true,
  relay: null
};

/** Looks at one status after the other; what each look tells. */
const life = `
function live(looks) {
  let known = null;
  return map(looks, (look) => {
    let seen = module.findEvents(known, look.status, look.peers, look.now);
    known = json(sprintf('%J', seen.known));
    return seen.events;
  });
}`;

for (const module of await agentModules('events', life)) {
  const test = suite(`events on ucode ${module.release}`);
  const look = (status: Partial<Status> = {}, peers: Look['peers'] = null, at = now): Look => ({
    status: { daemon: true, state: 'Running', version: '1.102.5', self, exit_node: null, ...status },
    peers,
    now: at
  });
  const live = (...looks: Look[]): string[][][] => module.call('live', looks) as string[][][];
  const gone: Partial<Status> = { daemon: false, state: null, version: null, self: null };

  test('connected and lost, each once', () => {
    assert.equal(live(look({ state: 'Starting' }), look(), look(), look(gone), look(gone), look()), [
      [],
      [['connected', 'router.tail1.ts.net', '100.64.0.9']],
      [],
      [['lost', 'unreachable']],
      [],
      [['connected', 'router.tail1.ts.net', '100.64.0.9']]
    ]);
    assert.equal(live(look(), look({ state: 'Stopped' }))[1], [['lost', 'Stopped']]);
  });

  test('logged out, once, and not because the daemon or the server is away', () => {
    const out = look({ state: 'NeedsLogin', self: null });
    assert.equal(live(look(), out, out), [
      [['connected', 'router.tail1.ts.net', '100.64.0.9']],
      [['lost', 'NeedsLogin'], ['logged-out']],
      []
    ]);
    assert.equal(live(look(), look(gone), look({ state: 'NoState' })).flat(), [
      ['connected', 'router.tail1.ts.net', '100.64.0.9'],
      ['lost', 'unreachable']
    ]);
    assert.equal(live(look(), look(gone), out)[2], [['logged-out']]);
    assert.equal(live(out, out), [[], []]);
  });

  test('updated and rolled back, whatever lies between', () => {
    const newer = look({ version: '1.102.10' });
    assert.equal(live(look(), look(gone), newer, look(gone), look()).flat().slice(1), [
      ['lost', 'unreachable'],
      ['updated', '1.102.5', '1.102.10'],
      ['connected', 'router.tail1.ts.net', '100.64.0.9'],
      ['lost', 'unreachable'],
      ['rolled-back', '1.102.10', '1.102.5'],
      ['connected', 'router.tail1.ts.net', '100.64.0.9']
    ]);
    assert.equal(live(look(), look({ version: '1.102.5-t123' }))[1], []);
  });

  test('a key that expires: each mark once, for each key', () => {
    const at = (days: number, expiry = now + 100 * day): Look =>
      look({ self: { ...self, key_expiry: expiry } }, null, now + (100 - days) * day);
    const told = live(
      at(40),
      at(29),
      at(28),
      look(gone, null, now + 72 * day),
      at(10),
      at(9),
      at(9, now + 300 * day)
    );
    assert.equal(
      told.map((events) => events.filter(([name]) => name === 'key-expiring')),
      [[], [['key-expiring', '29']], [], [], [['key-expiring', '10']], [], []]
    );
  });

  test('an exit node that goes and comes', () => {
    const node = (online: boolean): Partial<Status> => ({ exit_node: { id: 'nX', name: 'exit', online } });
    assert.equal(
      live(
        look(node(true)),
        look(node(false)),
        look(node(false)),
        look(gone),
        look(node(false)),
        look(node(true))
      )
        .flat()
        .filter(([name]) => name?.startsWith('exit')),
      [
        ['exit-node-lost', 'exit'],
        ['exit-node-back', 'exit']
      ]
    );
    assert.equal(live(look(node(false)), look())[1], [], 'it is not used any more');
  });

  test('devices that come and go, if they are wanted', () => {
    const peers = (...online: string[]): Look['peers'] =>
      ['a', 'b', 'c'].map((name) => ({ id: `n${name}`, name, online: online.includes(name) }));
    const events = live(
      look({}, peers('a')),
      look({}, peers('a', 'b')),
      look({}, peers('c')),
      look({}, null),
      look({}, peers('a'))
    );
    assert.equal(events.slice(1), [
      [['peer-online', 'b', 'nb']],
      [
        ['peer-online', 'c', 'nc'],
        ['peer-offline', 'a', 'na'],
        ['peer-offline', 'b', 'nb']
      ],
      [],
      []
    ]);
    assert.equal(
      live(look({}, peers('a')), look(gone, []), look({}, peers('a')))
        .flat()
        .filter(([name]) => name?.startsWith('peer')),
      []
    );
  });

  test('at most 32 of a thousand at once', () => {
    const peers = (online: boolean): Look['peers'] =>
      Array.from({ length: 1000 }, (_, i) => ({ id: `n${i}`, name: `p${i}`, online }));
    assert.is(live(look({}, peers(false)), look({}, peers(true)))[1]?.length, 32);
  });

  test('every argument is one short line, whatever others call themselves', () => {
    const name = `a\nb\u0000c\u001b[31m;$(reboot)${'ü'.repeat(1000)}`;
    const peers = [{ id: 'n\n1', name, online: true }];
    const told = live(
      look({}, []),
      look({ exit_node: { id: 'nX', name, online: false }, self: { ...self, name } }, peers)
    );
    const texts = told.flat(2);
    assert.is(texts.length, 8);
    for (const text of texts) {
      assert.not.match(text, /\p{Cc}/u);
      assert.ok(Buffer.byteLength(text) <= 255);
    }
  });

  test.run();
}
