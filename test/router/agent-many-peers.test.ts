import { readFile } from 'node:fs/promises';
import * as assert from 'uvu/assert';
import { Testcontrol } from '../../dev/tailnet/testcontrol.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import type { Peer } from '../../src/shared/status.ts';
import { onEachRelease } from '../support/router.ts';
import { callAll } from './agent-client.ts';
import { agentPid, memoryOf, timeCalls } from './agent-timing.ts';
import { isSoak } from './soak.ts';

const hostile = JSON.parse(
  await readFile(new URL('../../dev/tailnet/testcontrol/hostile.json', import.meta.url), 'utf8')
) as string[];

/** A minute in the soak. */
const seconds = isSoak ? 60 : 12;

interface Page {
  total: number;
  found: number;
  peers: Peer[];
}

let server: Testcontrol | undefined;

await onEachRelease('an agent among a thousand peers', (scenario, bench) => {
  const pages = async (...queries: object[]): Promise<Page[]> => {
    const answers = await callAll(
      bench.router,
      queries.map((query) => ['peers', query])
    );
    return answers.map(({ reply }) => reply as unknown as Page);
  };
  const namesOf = ({ peers }: Page) => peers.map(({ name }) => name);

  scenario('it comes among them', async () => {
    const { desk, router } = bench;
    const many = (server ??= await Testcontrol.start(
      await desk.internet.addHost('many'),
      desk.authority,
      `${desk.directory}/many`
    ));
    const login = ['login', { login_server: many.url, auth_key: 'any' }] as const;
    await many.givePeers(1000);
    await router.powerOn();
    await desk.install(router);
    await router.until(
      'the agent is there',
      20,
      async () => (await callAll(router, [login]))[0]?.reply?.['job'] === 1
    );
    await router.until('the agent knows them', 20, async () => (await pages({}))[0]?.total === 1000);
  });

  scenario('its peers come in pages that ubus can carry, sorted', async () => {
    const all = await pages(...[0, 1, 2, 3, 4, 5].map((page) => ({ offset: page * 200, limit: 200 })));
    assert.equal(
      all.map(({ total, found, peers }) => [total, found, peers.length]),
      [...Array.from({ length: 5 }, () => [1000, 1000, 200]), [1000, 1000, 0]]
    );
    const names = all.flatMap(namesOf);
    assert.equal(names, [...names].sort());
    assert.is(new Set(names).size, 1000);

    const [most, newest, last] = await pages(
      { limit: 500 },
      { sort: 'last_seen', limit: 1 },
      { offset: 999 }
    );
    for (const page of [...all, most]) assert.ok(JSON.stringify(page).length <= 262_144);
    assert.ok((most?.peers.length ?? 0) > 200);
    assert.equal(newest && namesOf(newest), ['device-999.many.example']);
    assert.equal(last && namesOf(last), names.slice(-1));
  });

  scenario('it is searched', async () => {
    const [one, none, online, shell, owner] = await pages(
      { search: 'DEVICE-777.' },
      { search: 'device-1000' },
      { search: 'device-77', online: true },
      { search: '$(touch' },
      { search: `${hostile[1] ?? ''}@example`, limit: 500 }
    );
    assert.equal(one && namesOf(one), ['device-777.many.example']);
    assert.equal([none?.found, none?.peers], [0, []]);
    // Those whose number is no multiple of three.
    assert.equal(online && namesOf(online).map((name) => name.split('.')[0]), [
      'device-77',
      ...[0, 2, 3, 5, 6, 8, 9].map((digit) => `device-77${digit}`)
    ]);
    assert.is(shell?.found, new Set([...devicesNamed(2), ...devicesOf(2)]).size);
    assert.is(owner?.found, devicesOf(1).length);
  });

  scenario('hostile names arrive as they are, long ones and long lists cut', async () => {
    const all = await pages(...[0, 1, 2, 3, 4].map((page) => ({ offset: page * 200, limit: 200 })));
    const peers = new Map(all.flatMap(({ peers }) => peers).map((peer) => [peer.name, peer]));
    for (const [index, name] of hostile.entries()) {
      const peer = peers.get(`device-${10 * index + 1}.many.example`);
      assert.is(peer?.host_name, name.slice(0, 254), JSON.stringify(name));
      const owned = peers.get(`device-${index}.many.example`);
      assert.is(owned?.owner, `${name}@example`.slice(0, 254));
      assert.is(owned?.country, name.slice(0, 64) || null);
    }
    const large = peers.get('device-2.many.example');
    assert.equal([large?.routes.length, large?.tags.length], [64, 20]);
    assert.is((await bench.router.exec(['test', '-e', '/tmp/pwned'])).code, 1);
  });

  scenario('while they change ten times a second, status is quick and memory flat', async () => {
    const { router } = bench;
    const many = server as Testcontrol;
    await many.givePeers(1000, 10);
    const pid = await agentPid(router);
    const status = { method: 'status', pauseMs: 5, beside: ['peers', { limit: 100 }] as const };
    await timeCalls(router, { ...status, seconds: 10 });
    const before = await memoryOf(router, pid);
    const [earlier] = await pages({ sort: 'id', limit: 500 });
    const windows: number[] = [];
    for (let window = 0; window < 3; window++)
      windows.push(percentile(await timeCalls(router, { ...status, seconds: seconds / 3 }), 0.95));
    const [later] = await pages({ sort: 'id', limit: 500 });
    const grown = (await memoryOf(router, pid)) - before;
    await many.givePeers(1000);

    // What else the machine does can only add.
    assert.ok(Math.min(...windows) <= 2, `p95 of status: ${windows.join()} ms`);
    assert.ok(grown <= 524_288, `${grown} bytes more`);
    assert.not.equal(later, earlier);
    assert.is(await agentPid(router), pid);
    await sleep(100);
    assert.not.match(await router.logread(), /agent\[\d+\]: .*(rror|xception)/);
  });
});

/** The numbers of the devices with a hostile host name, and of those whose owner has it. */
function devicesNamed(index: number): number[] {
  return devices((device) => device % 10 === 1 && Math.floor(device / 10) % hostile.length === index);
}

function devicesOf(index: number): number[] {
  return devices((device) => device % hostile.length === index);
}

function devices(condition: (device: number) => boolean): number[] {
  return Array.from({ length: 1000 }, (_, device) => device).filter(condition);
}

function percentile(figures: readonly number[], part: number): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length * part)] ?? NaN;
}
