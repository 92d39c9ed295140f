import * as assert from 'uvu/assert';
import { onEachRelease } from '../support/router.ts';

await onEachRelease('users', (scenario, bench) => {
  const asNobody = (...argv: string[]) =>
    bench.router.exec([
      ...['start-stop-daemon', '-S', '-c', 'nobody:nogroup', '-x', argv[0] ?? '', '--', ...argv.slice(1)]
    ]);

  scenario('somebody else on the router reads no key and writes nothing', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await desk.login(router);
    assert.match((await asNobody('/usr/bin/id')).stdout, /uid=65534/);
    for (const file of [
      ...['/etc/tailscale/tailscaled.state', '/etc/config/tailscale-ram'],
      ...['/tmp/run/tailscale-ram/bootstrap.json', '/tmp/tailscale-ram/bin/tailscaled']
    ]) {
      assert.is((await router.exec(['test', '-s', file])).code, 0, file);
      assert.is.not((await asNobody('/bin/cat', file)).code, 0, file);
    }
    for (const folder of [
      ...['/etc/tailscale', '/etc/tailscale-ram', '/tmp/run/tailscale-ram'],
      ...['/tmp/run/tailscale-ram/daemon', '/tmp/tailscale-ram', '/tmp/tailscale-ram/bin']
    ]) {
      const { code } = await asNobody('/bin/touch', `${folder}/mine`);
      assert.is.not(code, 0, folder);
    }
  });

  scenario('no secret is in ubus, in the list of processes, in the log, in UCI', async () => {
    const { desk, router } = bench;
    const state = JSON.parse((await router.read('etc/tailscale/tailscaled.state')) ?? '') as object;
    const keys = Object.values(state as Record<string, string>)
      .map((value) => Buffer.from(value, 'base64').toString())
      .flatMap((text) => text.match(/privkey:[0-9a-f]{64}/g) ?? []);
    assert.ok(keys.length >= 2);
    const places = [
      ...['ubus call service list \'{"verbose":true}\'', 'ps w', 'logread', 'uci export'],
      ...['cat /tmp/run/tailscale-ram/*.json', 'cat /proc/[0-9]*/cmdline', 'cat /proc/[0-9]*/environ']
    ];
    for (const place of places) {
      const { stdout } = await router.exec(place);
      assert.ok(stdout.length > 0, place);
      for (const secret of [desk.authKey, ...keys, ...keys.map((key) => key.slice('privkey:'.length))])
        assert.not(stdout.includes(secret), place);
    }
  });
});
