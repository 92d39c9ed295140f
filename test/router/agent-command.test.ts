import * as assert from 'uvu/assert';
import { renderUnicodeCompact } from 'uqr';
import type { Result } from '../../dev/tailnet/command.ts';
import type { Status } from '../../src/shared/status.ts';
import { onEachRelease } from '../support/router.ts';
import { agentStatus, untilInTailnet, untilStatus } from './agent-calls.ts';

/** `tailscale-ram`: what a person on SSH sees of the agent. */

await onEachRelease('the command', (scenario, bench) => {
  const command = (...args: string[]): Promise<Result> =>
    bench.router.exec(['tailscale-ram', ...args], { timeout: 60 });

  const valueOf = async (name: string): Promise<unknown> => {
    const { preferences } = (await bench.router.ubus('tailscale-ram', 'settings')) as {
      preferences: Record<string, { value: unknown }>;
    };
    return preferences[name]?.value;
  };

  scenario('what is no command says how it is used', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    for (const args of [[], ['jump'], ['set', 'hostname']]) {
      const { code, stdout, stderr } = await command(...args);
      assert.is(code, 2, stderr);
      assert.is(stdout, '');
      assert.match(stderr, /^usage: tailscale-ram COMMAND/);
    }
  });

  scenario('a router that is logged out', async () => {
    await untilStatus(bench.router, 'it waits for a login', 30, ({ state }) => state === 'NeedsLogin');
    const { code, stdout } = await command('status');
    assert.is(code, 1);
    assert.match(stdout, /^State +NeedsLogin\n[^]*^\w+ +logged-out$/m);
  });

  scenario('a login by link shows its QR code, and goes on by itself', async () => {
    const { desk, router } = bench;
    const user = `command${bench.rootfs.release.replace('.', '')}`;
    await desk.headscale.createUser(user);
    const ended = command('login', `--login-server=${desk.headscale.url}`);
    const { login_url } = await untilStatus(
      router,
      'there is a link',
      20,
      (status) => status.login_url !== null
    );
    const link = login_url ?? '';
    await desk.headscale.registerNode(user, link);
    const { code, stdout, stderr } = await ended;
    assert.is(code, 0, stderr);
    assert.is(stdout, 'done\n');
    const drawn = renderUnicodeCompact(link, { border: 2, maskPattern: 0 });
    assert.ok(stderr.includes(`To log in, open ${link}\n\n${drawn}\n`), stderr);
    await untilInTailnet(router);
  });

  scenario('status in words, and as JSON', async () => {
    const known = await agentStatus(bench.router);
    const { code, stdout } = await command('status');
    assert.is(code, 0);
    assert.match(stdout, /^State +Running$/m);
    assert.ok(stdout.includes(known.self?.addresses.join(', ') ?? '?'), stdout);
    const json = await command('status', '--json');
    assert.is(json.code, 0);
    assert.equal((JSON.parse(json.stdout) as Status).self, known.self);
  });

  scenario('a preference is set; one that is wrong is named, and sets nothing', async () => {
    assert.equal(await command('set', 'hostname=from-the-command', 'accept_risk=x'), {
      code: 1,
      stdout: '',
      stderr: 'unknown-preference (accept_risk): there is none of this name\n'
    });
    assert.is.not(await valueOf('hostname'), 'from-the-command');
    const { code, stderr } = await command('set', 'hostname=from-the-command');
    assert.is(code, 0, stderr);
    assert.is(await valueOf('hostname'), 'from-the-command');
  });

  scenario('a change that would be undone stays if it is confirmed', async () => {
    const { router } = bench;
    const { code, stderr } = await command('set', 'advertise_routes=192.0.2.128/25,fd00:1::/64');
    assert.is(code, 0, stderr);
    assert.equal(await valueOf('advertise_routes'), ['192.0.2.128/25', 'fd00:1::/64']);
    const job = String((await agentStatus(router)).unconfirmed?.job);
    assert.ok(stderr.includes(`tailscale-ram confirm ${job}`), stderr);
    assert.is((await command('confirm', job)).code, 0);
    assert.is((await agentStatus(router)).unconfirmed, null);
    assert.is((await command('confirm', job)).code, 1);
  });

  scenario('a report names nobody, unless asked to', async () => {
    const name = (await agentStatus(bench.router)).self?.host_name ?? '?';
    const report = await command('report');
    assert.is(report.code, 0);
    assert.not(report.stdout.includes(name), report.stdout.slice(0, 500));
    assert.ok((await command('report', '--names')).stdout.includes(name));
  });

  scenario('without an agent it says how to start one', async () => {
    await bench.router.succeed(['/etc/init.d/tailscale-ram', 'stop']);
    assert.equal(await command('status'), {
      code: 3,
      stdout: '',
      stderr: 'The agent does not answer: `service tailscale-ram start`.\n'
    });
  });
});
