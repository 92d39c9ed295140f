import * as assert from 'uvu/assert';
import { bootstrapState, daemonPids, untilRunning } from '../../dev/router/desk.ts';
import { PackageManager } from '../../dev/router/package-manager.ts';
import { onEachRelease } from '../support/router.ts';
import { differences, takeSnapshot, type Snapshot } from './snapshot.ts';

const name = 'luci-app-tailscale-ram';
/** The identity, and what the user wrote. */
const mayStay = /^files \+ .*\/etc\/(tailscale|config\/tailscale-ram)|^uci \+/;
const newer = '99.0.0';

await onEachRelease('packages', (scenario, bench) => {
  let before: Snapshot;

  scenario('is installed, enabled and running at once, without a reboot', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await router.until('the WAN is up', 30, 'ifstatus wan | jsonfilter -e "@.up" | grep -q true');
    before = await takeSnapshot(router);
    await desk.install(router);
    await router.succeed(['/etc/init.d/tailscale-ram', 'enabled']);
    await desk.login(router);
    assert.is((await bootstrapState(router))?.phase, 'running');
  });

  scenario('an upgrade keeps a changed configuration and the running daemon', async () => {
    const { desk, router } = bench;
    await router.uci('set', 'tailscale-ram.main.reserve_mb=7');
    await router.uci('commit', 'tailscale-ram');
    const first = await daemonPids(router);
    await router.succeed(['/etc/init.d/tailscale-ram', 'reload']);
    await router.until('the daemon was restarted', 10, async () => {
      const now = await daemonPids(router);
      return now !== '' && now !== first;
    });
    await untilRunning(router);
    const pid = await daemonPids(router);
    await desk.install(router, newer);
    assert.is(await router.uci('get', 'tailscale-ram.main.reserve_mb'), '7');
    assert.match(await router.succeed('apk list -I || opkg list-installed'), new RegExp(`${name}.*${newer}`));
    assert.is(await daemonPids(router), pid);
    await untilRunning(router, 5);
    assert.is(await daemonPids(router), pid);
  });

  scenario('removal leaves the identity and the changed configuration, and nothing else', async () => {
    const { router } = bench;
    const manager = await PackageManager.of(router);
    const { code, stdout, stderr } = await manager.remove(name);
    assert.is(code, 0, stdout + stderr);
    await router.until('tailscaled has ended', 10, '! pidof tailscaled');
    const left = differences(before, await takeSnapshot(router)).filter((line) => !mayStay.test(line));
    assert.equal(left, []);
  });
});
