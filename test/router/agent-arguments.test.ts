import * as assert from 'uvu/assert';
import { untilNamed } from '../../dev/router/desk.ts';
import { onEachRelease } from '../support/router.ts';
import { callAll, type Call } from './agent-client.ts';
import {
  callAgent,
  changeSomething,
  endInAResult,
  tellWhatTheyShould,
  type AskedAgent
} from './agent-methods.ts';
import {
  absentOnes,
  assertRefused,
  methods,
  refusedCalls,
  refusedPreferences,
  type Refused
} from './agent-refusals.ts';

await onEachRelease('arguments of the agent', (scenario, bench) => {
  const callEach = (calls: readonly Call[]) => callAll(bench.router, calls);
  const asked: AskedAgent = {
    isOnRouter: true,
    confirmWithin: 90,
    callEach,
    until: (what, seconds, condition) => bench.router.until(what, seconds, condition),
    pinned: async () => (await bench.router.exec('uci -q get tailscale-ram.main.version')).stdout.trim()
  };
  const call = (...one: Call) => callAgent(asked, ...one);
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
    await router.until('its port is open', 10, 'nft list chain inet fw4 input_wan | grep -q 41641');
    await untilNamed(router);
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
    await unshaken(absentOnes(1));
  });

  scenario('the methods that tell, tell what they should', () => tellWhatTheyShould(asked));

  scenario('the methods that measure end in a result', async () => {
    await endInAResult(asked);
    assert.is((await bench.router.exec(['test', '-e', '/tmp/pwned'])).code, 1);
  });

  scenario('the methods that change something do it', async () => {
    const { desk, router } = bench;
    await changeSomething(asked);
    assert.match((await router.read('etc/tailscale-ram/logged-out.json')) ?? '', desk.headscale.url);
    assert.equal(await call('forget_identity'), {});
    for (const file of ['tailscale/tailscaled.state', 'tailscale-ram/logged-out.json'])
      assert.not.match((await router.read(`etc/${file}`)) ?? '', desk.headscale.url);
  });
});

interface Services {
  'tailscale-ram'?: { instances: { agent?: { pid: number } } };
}
