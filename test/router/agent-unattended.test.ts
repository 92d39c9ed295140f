import * as assert from 'uvu/assert';
import { daemonSocket } from '../../dev/router/desk.ts';
import { callLocalApi } from '../../dev/tailnet/localapi.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { PreferenceState } from '../../src/shared/preferences.ts';
import { onEachRelease } from '../support/router.ts';
import { agentPid, agentStatus, callAgent, refusal, untilInTailnet, untilStatus } from './agent-calls.ts';

const keyFile = 'etc/tailscale-ram/auth-key';

await onEachRelease('the agent of a router that nobody looks after', (scenario, bench) => {
  const prefs = async (): Promise<Record<string, unknown>> =>
    (await callLocalApi(daemonSocket(bench.router), 'GET', 'prefs')) as Record<string, unknown>;
  const problems = async (): Promise<string[]> =>
    (await agentStatus(bench.router)).problems.map(({ code }) => code);
  const tailscale = (...args: string[]): Promise<string> =>
    bench.router.succeed(['/tmp/tailscale-ram/bin/tailscale', ...args], { timeout: 40 });
  /** Throws if it stands anywhere but in files that only root reads and that are meant for it. */
  const assertSecret = async (key: string): Promise<void> => {
    for (const place of [
      ...['uci export', 'logread', 'cat /proc/[0-9]*/cmdline', 'cat /proc/[0-9]*/environ'],
      ...[
        'ubus call tailscale-ram status',
        'grep -rs hskey- /tmp/run /tmp/tailscale-ram /tmp/log; echo looked'
      ]
    ]) {
      const { stdout } = await bench.router.exec(place);
      assert.ok(stdout.length > 0, place);
      assert.not(stdout.includes(key), place);
    }
  };

  scenario('provision: a wrong key is kept and told of', async () => {
    const { desk, router } = bench;
    const wrong = 'hskey-auth-that-nobody-has-ever-given-away';
    await router.powerOn();
    await desk.install(router);
    await router.write(keyFile, `${wrong}\n`, 0o600);
    const section = {
      login_server: desk.headscale.url,
      auth_key_file: `/${keyFile}`,
      hostname: 'from-the-box'
    };
    await router.uci('set', 'tailscale-ram.provision=provision');
    for (const [name, value] of Object.entries(section))
      await router.uci('set', `tailscale-ram.provision.${name}=${value}`);
    await router.uci('add_list', 'tailscale-ram.provision.route=10.8.0.0/16');
    await router.uci('commit', 'tailscale-ram');
    const { problems: found } = await untilStatus(router, 'it failed', 40, (status) =>
      status.problems.some(({ code }) => code === 'provision-failed')
    );
    const problem = found.find(({ code }) => code === 'provision-failed');
    assert.is(problem?.arguments['reason'], 'login-refused');
    assert.is((await router.read(keyFile))?.trim(), wrong);
    await assertSecret(wrong);
  });

  scenario(
    'provision: with the right key it is in the tailnet as it was told, and the key is gone',
    async () => {
      const { desk, router } = bench;
      await router.write(keyFile, `${desk.authKey}\n`, 0o600);
      // The pause until its next try begins anew with the agent.
      await router.succeed(['kill', '-9', await agentPid(router)]);
      await router.until('the agent serves', 10, async () => (await agentStatus(router)).daemon);
      const { self } = await untilInTailnet(router, 30);
      assert.is(self?.host_name, 'from-the-box');
      await router.until('the key is gone', 5, async () => (await router.read(keyFile)) === undefined);
      const now = await prefs();
      assert.equal(now['AdvertiseRoutes'], ['10.8.0.0/16']);
      assert.is(now['CorpDNS'], false);
      assert.not((await problems()).includes('provision-failed'));
      await assertSecret(desk.authKey);
    }
  );

  scenario('`tailscale up` on the command line, as the first login, ends as one by the agent', async () => {
    const { desk, router } = bench;
    await callAgent(router, 'logout');
    await untilStatus(router, 'it is logged out', 10, ({ state }) => state === 'NeedsLogin');
    await router.succeed('rm -f /etc/tailscale/tailscaled.state; /etc/init.d/tailscale-ram restart');
    await untilStatus(router, 'it is a new one', 20, ({ daemon, state }) => daemon && state === 'NeedsLogin');
    const resolvConf = await router.succeed(['cat', '/etc/resolv.conf']);
    await tailscale('up', `--login-server=${desk.headscale.url}`, `--auth-key=${desk.authKey}`);
    await waitFor(
      'the policy rules',
      2,
      async () => {
        const now = await prefs();
        return now['CorpDNS'] === false && now['NetfilterMode'] === 0;
      },
      20
    );
    await router.until('resolv.conf is as before', 2, async () => {
      return (await router.succeed(['cat', '/etc/resolv.conf'])) === resolvConf;
    });
    const tables = await router.succeed('nft list ruleset; iptables-save 2>/dev/null; true');
    assert.not(tables.includes('ts-'));
    await untilInTailnet(router);
    assert.is(await refusal(router, 'login', { auth_key: desk.authKey }), 'conflict');
  });

  scenario('what is against the policy is put back and told of', async () => {
    await tailscale('set', '--accept-dns=true');
    await waitFor('it is put back', 1, async () => (await prefs())['CorpDNS'] === false, 20);
    assert.ok((await problems()).includes('policy-overridden'));
  });

  scenario('everything else is respected, and known at once', async () => {
    const { router } = bench;
    await tailscale('set', '--hostname=by-hand');
    const began = Date.now();
    const settings = await callAgent<{ preferences: Record<string, PreferenceState> }>(router, 'settings');
    assert.is(settings.preferences['hostname']?.value, 'by-hand');
    // What it takes to ask is in it.
    assert.ok(Date.now() - began < 1000);
  });

  scenario("root's programs in events.d are told what happens, and nobody waits for them", async () => {
    const { router } = bench;
    const script = `#!/bin/sh
      for word; do printf '[%s]' "$word" >>FILE; done
      echo >>FILE
      exec sleep 1000`;
    const write = (name: string, told: string, mode = 0o755): Promise<void> =>
      router.write(`etc/tailscale-ram/events.d/${name}`, script.replaceAll('FILE', told), mode);
    await write('told', '/tmp/told');
    await write('off', '/tmp/pwned', 0o644);
    await write('open', '/tmp/pwned');
    await write('foreign', '/tmp/pwned');
    await router.succeed('cd /etc/tailscale-ram/events.d && chmod o+w open && chown nobody foreign');
    await tailscale('down');
    await untilStatus(router, 'it is off', 5, ({ state }) => state === 'Stopped');
    await tailscale('up');
    const { self } = await untilInTailnet(router);
    await router.until('it has told both', 5, async () => {
      const told = await router.read('tmp/told');
      return told?.endsWith(`[connected][${self?.name}][${self?.addresses[0]}]\n`);
    });
    assert.match((await router.read('tmp/told')) ?? '', /^\[lost\]\[Stopped\]\n(.*\n)?\[connected\]/);
    assert.is(await router.read('tmp/pwned'), undefined);
  });
});
