import * as assert from 'uvu/assert';
import { onEachRelease } from '../support/router.ts';
import { callAll, type Answer, type Call } from './agent-client.ts';
import {
  assertRefused,
  methods,
  printable,
  refusedCalls,
  refusedPreferences,
  type Refused
} from './agent-refusals.ts';

/** As src/shared/status.ts has them. */
const peerFields = [
  ...['id', 'name', 'host_name', 'addresses', 'os', 'owner', 'tags', 'online', 'active', 'path', 'via'],
  ...['received', 'sent', 'last_seen', 'last_handshake', 'key_expiry', 'expired', 'exit_node'],
  ...['exit_node_option', 'routes', 'country', 'city']
];

await onEachRelease('arguments of the agent', (scenario, bench) => {
  const callEach = (calls: readonly Call[]) => callAll(bench.router, calls);
  const call = async (...one: Call): Promise<Record<string, unknown>> => {
    const [answer] = await callEach([one]);
    assert.is(answer?.status, 0, one[0]);
    return answer?.reply ?? {};
  };
  const refusal = async (...one: Call): Promise<string> => {
    const { error } = (await call(...one)) as Answer['reply'] & object;
    return error?.code ?? 'none';
  };
  const agent = async (): Promise<string> => {
    const services = (await bench.router.ubus('service', 'list', { name: 'tailscale-ram' })) as Services;
    return `${services['tailscale-ram']?.instances.agent?.pid ?? 'none'}`;
  };
  const logged = async (): Promise<string> => bench.router.succeed('logread | grep "agent\\[" || true');
  /** What a call could have changed: preferences, configuration, identity, files in RAM and on flash. */
  const everything = async (): Promise<string> =>
    bench.router.succeed(
      `tailscale debug prefs; uci export; uci changes; ls /root /tmp/run/tailscale-ram;
        find /etc /tmp -type f ! -path '/tmp/run/tailscale-ram/daemon/*' ! -path '*/bin/*' ! -name '*.leases' ! -path '/tmp/odhcpd-*' |
        sort | xargs md5sum`
    );

  /** Neither the call before nor what it was asked for has shaken it. */
  const unshaken = async (calls: readonly Refused[]): Promise<void> => {
    await callEach([]);
    const [before, pid, log] = [await everything(), await agent(), await logged()];
    const started = Date.now();
    const answers = await callEach(calls.map(([one]) => one));
    const took = Date.now() - started;
    assertRefused(calls, answers);
    await bench.router.write('root/calls.json', '[]');
    assert.is(await everything(), before);
    assert.is(await agent(), pid);
    assert.is(await logged(), log);
    assert.ok(took < 30_000, `${calls.length} calls took ${took} ms`);
  };

  scenario('every method that there is, is tried here, with all its arguments', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await desk.login(router);
    await router.until('the agent is Running', 10, async () => (await call('status'))['state'] === 'Running');
    const found = (await router.succeed(['ubus', '-v', 'list', 'tailscale-ram'])).matchAll(
      /^\t"(\w+)":(.*)$/gm
    );
    const named = [...found].map(([, name = '', args = '']) => {
      const { ubus_rpc_session, ...own } = JSON.parse(args) as Record<string, string>;
      assert.is(ubus_rpc_session, 'String');
      return [name, own] as const;
    });
    const expected = Object.entries(methods).map(([method, args]) => {
      return [method, Object.fromEntries(Object.entries(args).map(([name, { kind }]) => [name, kind]))];
    });
    assert.equal(Object.fromEntries(named), Object.fromEntries(expected));
  });

  scenario('whatever is wrong is refused with a code, and changes nothing', async () => {
    await unshaken([...refusedCalls()]);
  });

  scenario('set refuses all, if one of the preferences is wrong', async () => {
    await unshaken(
      refusedPreferences.map(([preferences, code, field]) => [['set', { preferences }], [code], field])
    );
    const { error } = (await call('set', {
      preferences: { advertise_routes: ['10.0.0.0/8', '10.1.2.3/16'] }
    })) as {
      error: object;
    };
    assert.equal(error, {
      code: 'host-bits',
      detail: 'bits behind the prefix are set, expected 10.1.0.0/16',
      corrected: '10.1.0.0/16',
      position: 1,
      field: 'advertise_routes'
    });
  });

  scenario('what is not there is not found, and nothing is begun', async () => {
    await unshaken([
      [['peer', { id: 'nNobody' }], ['not-found']],
      [['ping', { peer: 'nNobody' }], ['not-found']],
      [['exit_node', { id: 'nNobody' }], ['not-found']],
      [
        ['exit_node', { id: 'suggest' }],
        ['not-found', 'daemon-refused']
      ],
      [['switch_profile', { id: 'ffff' }], ['not-found']],
      [['delete_profile', { id: 'ffff' }], ['not-found']],
      [['job', { id: 1 }], ['not-found']],
      [['job', { id: 2 ** 31 - 1 }], ['not-found']],
      [['confirm', { job: 1 }], ['not-found']],
      [['cancel_login'], ['not-found']],
      [['rollback'], ['not-found']],
      [['set_build', { build: 'compact' }], ['unsupported']],
      [['login'], ['conflict']],
      [['login', { login_server: 'http://192.0.2.1' }], ['insecure-url'], 'login_server'],
      [['retry'], ['conflict']]
    ]);
  });

  scenario('the methods that tell, tell what they should', async () => {
    const known = {
      status: [
        ...['bootstrap', 'daemon', 'state', 'version', 'newest', 'login_server', 'login_url', 'self'],
        ...['tailnet', 'exit_node', 'routes', 'traffic', 'memory', 'unconfirmed', 'problems']
      ],
      peers: ['total', 'found', 'offset', 'peers'],
      settings: ['preferences', 'router'],
      exit_nodes: ['used', 'auto', 'exit_nodes'],
      profiles: ['current', 'profiles'],
      derp: ['home', 'regions'],
      metrics: ['metrics', 'rates'],
      log: ['lines'],
      report: ['report']
    };
    for (const [method, keys] of Object.entries(known)) assert.equal(Object.keys(await call(method)), keys);

    const { peers } = (await call('peers', { search: 'LAPTOP', sort: 'name', online: true })) as Peers;
    assert.equal(peers.map(Object.keys), [peerFields]);
    const away = (await call('peers', { online: false })) as Peers;
    assert.not(away.peers.some(({ name }) => name === peers[0]?.['name']));
    assert.equal(await call('peer', { id: peers[0]?.['id'] }), peers[0]);
    const found = await callEach(printable.map((search) => ['peers', { search }]));
    for (const { reply } of found) assert.equal([reply?.['found'], reply?.['peers']], [0, []]);
    const { preferences } = (await call('settings')) as { preferences: Record<string, object> };
    assert.equal(Object.keys(preferences['shields_up'] ?? {}), [
      ...['value', 'default', 'supported', 'risk', 'fixed']
    ]);
    assert.ok(((await call('log', { lines: 3 }))['lines'] as string[]).length === 3);
    const { report } = (await call('report', { names: true })) as { report: object };
    assert.equal(Object.keys(report), ['status', 'preferences', 'health', 'peers', 'log']);
  });

  scenario('the methods that measure end in a result', async () => {
    const [laptop] = ((await call('peers')) as Peers).peers;
    const started = await callEach([
      ['ping', { peer: laptop?.['id'], count: 2, type: 'disco' }],
      ['netcheck'],
      ['derp_test', { region: 999 }],
      ['update']
    ]);
    // Nothing that was refused has begun a job.
    assert.equal(
      started.map(({ reply }) => reply),
      [{ job: 1 }, { job: 2 }, { job: 3 }, { job: 4 }]
    );
    for (const job of [1, 2, 3, 4]) {
      const ended = await bench.router.until(`job ${job} ends`, 60, async () => {
        const now = await call('job', { id: job });
        return now['state'] !== 'running' && now;
      });
      assert.equal(Object.keys(ended as object), [
        ...['job', 'method', 'state', 'progress', 'result', 'error']
      ]);
      assert.is((ended as { state: string }).state, 'done', JSON.stringify(ended));
    }
    const names = await callEach(printable.map((name) => ['dns_query', { name, type: 'TXT' }]));
    for (const [index, { status, reply }] of names.entries()) {
      assert.is(status, 0, printable[index]);
      assert.ok(reply?.['resolvers'] ?? reply?.error?.code === 'daemon-refused', JSON.stringify(reply));
    }
    assert.is((await bench.router.exec(['test', '-e', '/tmp/pwned'])).code, 1);
  });

  scenario('the methods that change something do it', async () => {
    const { router } = bench;
    const [laptop] = ((await call('peers')) as Peers).peers;
    assert.equal(await call('set', { preferences: {} }), { not_taken: [] });
    assert.equal(await call('set', { preferences: { hostname: 'lab' } }), { not_taken: [] });
    const confirmed = async (...one: Call): Promise<void> => {
      const reply = await call(...one);
      assert.is(reply['confirm_within'], 90, `${one[0]}: ${JSON.stringify(reply)}`);
      assert.equal(await call('confirm', { job: reply['job'] }), {});
    };
    await confirmed('set', { preferences: { advertise_routes: ['192.168.7.0/24'] } });
    await confirmed('disconnect');
    assert.equal(await call('connect'), {});
    await router.until('it is connected', 10, async () => (await call('status'))['state'] === 'Running');
    assert.equal(await call('exit_node', { id: 'none' }), {});
    assert.is(await refusal('exit_node', { id: laptop?.['id'] }), 'conflict');
    await confirmed('exit_node', { id: 'auto' });
    await confirmed('exit_node', { id: 'none' });
    assert.equal(await call('rebind'), {});

    const { current } = await call('profiles');
    assert.is(await refusal('delete_profile', { id: current }), 'conflict');
    await confirmed('new_profile');
    assert.is(await refusal('connect'), 'not-logged-in');
    await confirmed('switch_profile', { id: current });
    await router.until('it is back', 20, async () => (await call('status'))['state'] === 'Running');

    assert.equal(await call('pin', { version: '1.2.3' }), {});
    assert.is(await router.uci('get', 'tailscale-ram.main.version'), '1.2.3');
    assert.equal(await call('pin'), {});
    assert.is((await router.exec('uci -q get tailscale-ram.main.version')).stdout.trim(), '');

    assert.type((await call('reauth'))['job'], 'number');
    assert.equal(await call('cancel_login'), {});
    assert.equal(await call('logout'), {});
    await router.until('it is logged out', 10, async () => (await call('status'))['state'] === 'NeedsLogin');
    assert.is(await refusal('connect'), 'not-logged-in');
    assert.is(await refusal('reauth'), 'not-logged-in');
    assert.match((await router.read('etc/tailscale-ram/logged-out.json')) ?? '', bench.desk.headscale.url);
    assert.equal(await call('forget_identity'), {});
    for (const file of ['tailscale/tailscaled.state', 'tailscale-ram/logged-out.json'])
      assert.not.match((await router.read(`etc/${file}`)) ?? '', bench.desk.headscale.url);
  });
});

interface Services {
  'tailscale-ram'?: { instances: { agent?: { pid: number } } };
}

type Peers = Record<'peers', Record<string, unknown>[]>;
