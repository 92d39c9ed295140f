import * as assert from 'uvu/assert';
import { bootstrapState, daemonPids, untilRunning } from '../../dev/router/desk.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { onEachRelease } from '../support/router.ts';
import { serveCompactMirror, trustCompactMirror } from './compact-mirror.ts';

/** Compact builds on a router: a real one from a signed mirror, its image packed in RAM. */

await onEachRelease('compact builds', (scenario, bench) => {
  const useMirror = async (router: OpenWrt, build: string): Promise<void> => {
    await trustCompactMirror(router);
    await router.uci('set', `tailscale-ram.main.build=${build}`);
    await router.uci('commit', 'tailscale-ram');
    await router.succeed('sync');
  };
  const identity = async (): Promise<string> => {
    const { Self } = await untilRunning(bench.router);
    return Self.PublicKey;
  };
  const runningBuild = async (): Promise<string | undefined> => (await bootstrapState(bench.router))?.build;
  const switchTo = async (build: string): Promise<void> => {
    const { router } = bench;
    const before = await daemonPids(router);
    const answer = (await router.ubus('tailscale-ram', 'set_build', { build })) as { error?: unknown };
    assert.equal(answer.error, undefined, JSON.stringify(answer));
    await waitFor(`${build} runs`, 60, async () => {
      const now = await daemonPids(router);
      return now !== '' && now !== before && (await runningBuild()) === build;
    });
  };

  scenario('from a boot on: by its image, which is all that lies in RAM', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await router.until('the WAN is up', 30, 'ifstatus wan | jsonfilter -e "@.up" | grep -q true');
    await desk.install(router);
    const mirror = await serveCompactMirror(bench.desk);
    bench.atEnd(() => mirror.close());
    await useMirror(router, 'compact');
    await router.powerCut();
    await router.powerOn();
    await desk.login(router);
    assert.is(await runningBuild(), 'compact');
    assert.match(
      await router.succeed('mount'),
      /on \/tmp\/tailscale-ram\/image\.\S+ type squashfs \(ro,nosuid,nodev/
    );
    // Loop devices are the machine's: another router's may have the same name.
    const ahead = await router.succeed(
      `for device in $(grep -l "$(ls /tmp/tailscale-ram/packed.*)" /sys/block/loop*/loop/backing_file); do
        cat "\${device%loop/*}bdi/read_ahead_kb"
      done`
    );
    assert.match(ahead, /^(0\n)+$/);
    assert.match(await router.succeed('tailscale version'), testVersions.latest);
    const status = (await router.ubus('tailscale-ram', 'status')) as { memory: { files: number } };
    assert.ok(
      status.memory.files > 4e6 && status.memory.files < 8e6,
      `${status.memory.files} bytes of files`
    );
    await router.succeed(['ping', '-c', '1', '-W', '5', desk.peerAddress]);
    const refused = await router.ubus('tailscale-ram', 'set', { preferences: { ssh: true } });
    assert.is((refused as { error?: { code: string } }).error?.code, 'unsupported', JSON.stringify(refused));
  });

  scenario('to the official build and back by one call each: the node stays the same', async () => {
    const before = await identity();
    for (const build of ['official', 'compact-ssh', 'compact']) {
      await switchTo(build);
      assert.is(await identity(), before);
      assert.match(await bench.router.succeed('uci get tailscale-ram.main.build'), build);
    }
    // The one before stays while there is room: the way back needs no network.
    assert.is((await bench.router.succeed('mount')).match(/squashfs/g)?.length, 2);
  });

  scenario('what is in use and no compact build has is noted, so that auto takes none', async () => {
    const { router } = bench;
    const noted = '/etc/tailscale-ram/in-use';
    await switchTo('official');
    await identity();
    await router.succeed('tailscale serve --bg --tcp=2222 tcp://localhost:22');
    await router.succeed(['tailscale', 'set', '--advertise-connector']);
    await router.until('it is noted', 90, `grep -qx 'advertise_connector, serve' ${noted}`);
    await router.succeed('tailscale serve reset');
    await router.succeed(['tailscale', 'set', '--advertise-connector=false']);
    await router.until('it is noted no more', 90, `[ ! -e ${noted} ]`);
    await switchTo('compact');
  });

  scenario('after a power cut it comes back as it was', async () => {
    const before = await identity();
    await bench.router.powerCut();
    await bench.router.powerOn();
    assert.is(await identity(), before);
    assert.is(await runningBuild(), 'compact');
  });

  scenario('a build that the mirror does not have is refused, and nothing changes', async () => {
    const { router } = bench;
    const before = await daemonPids(router);
    const { error } = (await router.ubus('tailscale-ram', 'set_build', { build: 'tiny' })) as {
      error: { code: string };
    };
    assert.is(error.code, 'unsupported');
    assert.is(await daemonPids(router), before);
    assert.match(await router.succeed('uci get tailscale-ram.main.build'), 'compact');
  });

  scenario('with its package goes all of it', async () => {
    const { router } = bench;
    await router.succeed('opkg remove luci-app-tailscale-ram 2>&1 || apk del luci-app-tailscale-ram');
    const places = "{ mount | awk '{ print $3 }'; ls -d /tmp/*; }";
    assert.is(await router.succeed(`${places} | grep tailscale-ram || :`), '');
    // The image lasts for as long as a daemon that is ending.
    await router.until('no loop device is in use', 20, '! losetup -a | grep tailscale-ram');
  });
});
