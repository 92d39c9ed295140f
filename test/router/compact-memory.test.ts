import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { receiver, sender } from '../../bench/support/stream.ts';
import {
  bootstrapState,
  daemonSocket,
  daemonStatus,
  untilPhase,
  untilRunning
} from '../../dev/router/desk.ts';
import { whyNoZram } from '../../dev/router/memory.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { tailscaleBinaries } from '../../dev/setup/go.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { TailnetNode } from '../../dev/tailnet/node.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import type { Status } from '../../src/shared/status.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { onEachRelease } from '../support/router.ts';
import { serveCompactMirror, trustCompactMirror } from './compact-mirror.ts';
import { lanClient } from './reach.ts';
import { isSoak } from './soak.ts';

/** What users are promised: 27 MB of free memory are enough, where a mirror of compact builds is known. */

const promised = 27;
/** Once there has been much to do. */
const promisedBusy = 30;
const peers = 20;
const binaries = await tailscaleBinaries(testVersions.latest);

await onEachRelease('little memory', (scenario, bench) => {
  let unlimited = 0;
  let address = '';
  let routers = 0;

  const command = (router: OpenWrt, ...args: string[]): Promise<string> =>
    succeed([binaries.tailscale, `--socket=${daemonSocket(router)}`, ...args], { timeout: 120 });
  /** Seconds until it is in the tailnet; the command for that runs on this machine. */
  const secondsToRunning = async (router: OpenWrt, start: () => Promise<unknown>): Promise<number> => {
    const { headscale, authKey } = bench.desk;
    const began = performance.now();
    await start();
    await untilPhase(router, 'running', 120);
    const state = await router.until('tailscaled knows whether it is logged in', 60, async () => {
      const { BackendState } = await daemonStatus(router);
      return ['NeedsLogin', 'Running'].includes(BackendState) && BackendState;
    });
    if (state === 'NeedsLogin')
      await command(router, 'up', `--login-server=${headscale.url}`, `--auth-key=${authKey}`);
    await untilRunning(router);
    return (performance.now() - began) / 1000;
  };
  const startService = (router: OpenWrt): Promise<number> =>
    secondsToRunning(router, () => router.succeed(['/etc/init.d/tailscale-ram', 'start']));
  /** A router on which nothing is configured; the service does not run. */
  const addRouter = async (memoryMegabytes?: number, zram = false): Promise<OpenWrt> => {
    const { desk, rootfs } = bench;
    const directory = join(desk.directory, `little-${++routers}`);
    const options = { directory, zram, ...(memoryMegabytes && { memoryMegabytes }) };
    const router = await bench.addRouter(rootfs, options);
    await router.powerOn();
    await router.until('the WAN is up', 30, 'ifstatus wan | jsonfilter -e "@.up" | grep -q true');
    await desk.install(router);
    await router.succeed(['/etc/init.d/tailscale-ram', 'stop']);
    await router.until('nothing works on it', 20, '! pidof forget-rules');
    await router.succeed('sync');
    return router;
  };
  /** Likewise, but it knows the mirror. */
  const addCompactRouter = async (memoryMegabytes?: number): Promise<OpenWrt> => {
    const router = await addRouter(memoryMegabytes);
    await trustCompactMirror(router);
    await router.succeed('sync');
    return router;
  };
  /** What could be had without ending anything, in MB of 2^20 bytes. */
  const available = async (router: OpenWrt): Promise<number> =>
    Number(/^MemAvailable: +(\d+)/m.exec(await router.succeed('cat /proc/meminfo'))?.[1]) / 1024;
  const leave = async (router: OpenWrt, megabytes: number): Promise<void> => {
    await router.succeed(
      'umount /mnt/ballast 2>/dev/null; mkdir -p /mnt/ballast; mount -t ramfs none /mnt/ballast'
    );
    await router.until('no more is there', 20, async () => {
      // It tells what is free with a delay.
      await sleep(300);
      const pages = Math.floor(((await available(router)) - megabytes) * 256);
      if (pages <= 0) return true;
      await router.succeed(`head -c ${pages * 4096} /dev/zero >>/mnt/ballast/file`);
      return false;
    });
  };
  /** Makes the LAN reachable for the tailnet, and returns what sends at least so many MB to it. */
  const subnetRoute = async (router: OpenWrt): Promise<(megabytes: number) => Promise<void>> => {
    const { desk } = bench;
    const client = await lanClient(bench);
    if (address === '') {
      const shown = await client.succeed(['ip', '-4', 'addr', 'show', 'eth0']);
      address = /inet (192\.168\.1\.\d+)/.exec(shown)?.[1] ?? '';
      client.spawn([process.execPath, '-e', receiver, address], {
        log: join(desk.directory, 'receiver.log')
      });
    }
    await command(router, 'set', '--advertise-routes=192.168.1.0/24');
    const { Self } = await daemonStatus(router);
    await desk.headscale.approveRoutesOf(Self.TailscaleIPs?.[0] ?? '', ['192.168.1.0/24']);
    await desk.peer.cli.succeed('set', '--accept-routes');
    await router.until('the LAN is reached', 30, async () => {
      const { code } = await desk.peer.host.run(['ping', '-c', '1', '-W', '1', address]);
      return code === 0;
    });
    return async (megabytes) => {
      for (let sent = 0; sent < megabytes;) {
        const send = [process.execPath, '-e', sender, address];
        sent += Number(await desk.peer.host.succeed(send, { timeout: 30 })) / 8e6;
      }
    };
  };

  scenario('the mirror, and a router with as much memory as it likes', async () => {
    const { desk, rootfs } = bench;
    const mirror = await serveCompactMirror(bench.desk);
    bench.atEnd(() => mirror.close());
    const caFile = join(desk.directory, 'ca.pem');
    for (let i = 2; isSoak && i <= peers; i++) {
      const name = `peer${i}-${rootfs.release}`;
      const host = await desk.internet.addHost(name);
      const node = await TailnetNode.start(host, binaries, caFile, join(desk.directory, name));
      await node.login(desk.headscale.url, desk.authKey);
    }
    const router = await addCompactRouter();
    await startService(router);
    const seconds = { official: 0, 'compact-ssh': 0 };
    for (const build of ['official', 'compact-ssh'] as const) {
      await router.uci('set', `tailscale-ram.main.build=${build}`);
      await router.uci('commit', 'tailscale-ram');
      await router.succeed(['/etc/init.d/tailscale-ram', 'stop']);
      await router.until('nothing works on it', 20, '! pidof forget-rules tailscaled');
      // As after a boot.
      await router.succeed('umount /tmp/tailscale-ram/image.* 2>/dev/null; rm -r /tmp/tailscale-ram');
      seconds[build] = await startService(router);
    }
    const figures = `official ${seconds.official.toFixed(1)} s to Running, compact ${seconds['compact-ssh'].toFixed(1)}`;
    if (isSoak) console.log(figures);
    if (isSoak) assert.ok(seconds['compact-ssh'] <= 1.5 * seconds.official, figures);
    unlimited = seconds['compact-ssh'];
    await router.powerCut();
  });

  scenario('27 MB free, nothing configured but the mirror: it runs, and carries 100 MB', async () => {
    const router = await addCompactRouter(64);
    await leave(router, promised);
    const seconds = await startService(router);
    assert.is((await bootstrapState(router))?.build, 'compact-ssh');
    await sleep(5000);
    const quiet = promised - (await available(router));
    assert.ok(quiet <= promised - 2, `${quiet} MB in use`);

    const send = await subnetRoute(router);
    await send(100);
    const busy = promised - (await available(router));
    assert.is(router.oomKills, 0);
    const figures = [`${seconds.toFixed(1)} s to Running, with all memory ${unlimited.toFixed(1)}`];
    figures.push(`${quiet.toFixed(1)} MB in use, after 100 MB of TCP ${busy.toFixed(1)}`);
    if (isSoak) console.log(figures.join('; '));
    assert.ok(busy <= promisedBusy, `${busy} MB in use`);
    if (isSoak) assert.ok(seconds <= 3 * unlimited, figures[0]);
    await router.powerCut();
  });

  const noZram = isSoak ? whyNoZram() : undefined;
  if (noZram !== undefined) console.log(`skipped: ${noZram}`);
  const withZram = isSoak && noZram === undefined;
  /** A router on which nothing is configured, with the package zram-swap and so much free. */
  const addSwappingRouter = async (total: number, free: number): Promise<OpenWrt> => {
    const router = await addRouter(total, true);
    // As that does it at each boot.
    await router.succeed(
      `n=$(cat /sys/class/zram-control/hot_add) && echo ${total / 2}M >/sys/block/zram$n/disksize &&
        mkswap /dev/zram$n && swapon -p 100 /dev/zram$n`
    );
    await leave(router, free);
    return router;
  };
  const swapDevices = async (router: OpenWrt): Promise<number> =>
    Number(await router.succeed('grep -c ^/dev/zram /proc/swaps'));

  for (const [total, free] of withZram
    ? ([
        [64, 18],
        [128, 10]
      ] as const)
    : [])
    scenario(
      `${free} MB free of ${total}, zram-swap and no mirror: it says that this is too little`,
      async () => {
        const router = await addSwappingRouter(total, free);
        await router.succeed(['/etc/init.d/tailscale-ram', 'start']);
        const { error } = await untilPhase(router, 'blocked');
        assert.is(error?.code, 'memory-low');
        assert.is(await swapDevices(router), 1);
        await router.powerCut();
      }
    );

  if (withZram)
    scenario(
      '27 MB free, zram-swap and no mirror: the official build runs, and carries 50 Mbit/s',
      async () => {
        const { peer } = bench.desk;
        const router = await addSwappingRouter(64, promised);
        const seconds = await startService(router);
        console.log(`with zram-swap ${seconds.toFixed(1)} s to Running`);
        assert.is((await bootstrapState(router))?.build, 'official');
        assert.is(await swapDevices(router), 2);
        assert.match(await router.succeed('cat /proc/mounts'), /^tmpfs \/tmp tmpfs rw,nosuid,nodev,noatime/m);
        const send = await subnetRoute(router);
        // As much as such a router encrypts, and more.
        const shaped = 'dev tailscale0 root tbf rate 50mbit burst 64kb latency 50ms'.split(' ');
        await peer.host.succeed(['tc', 'qdisc', 'add', ...shaped]);
        await send(50).finally(() => peer.host.succeed(['tc', 'qdisc', 'del', ...shaped]));
        assert.is(router.oomKills, 0);
        const { problems } = (await router.ubus('tailscale-ram', 'status')) as Status;
        assert.equal(
          problems.filter(({ code }) => code.startsWith('memory')),
          []
        );
        await router.powerCut();
      }
    );

  for (const [megabytes, minutes] of isSoak
    ? ([
        [40, 10],
        [64, 60]
      ] as const)
    : [])
    scenario(`${megabytes} MB in all: it boots, and is busy for ${minutes} minutes`, async () => {
      const router = await addCompactRouter(megabytes);
      await router.powerCut();
      const seconds = await secondsToRunning(router, () => router.powerOn());
      const send = await subnetRoute(router);
      const until = performance.now() + minutes * 60_000;
      let least = Infinity;
      while (performance.now() < until) {
        await send(100);
        least = Math.min(least, await available(router));
        await sleep(20_000);
      }
      assert.is(router.oomKills, 0);
      console.log(
        `${megabytes} MB: ${seconds.toFixed(1)} s from its boot to Running, least free ${least.toFixed(1)} MB`
      );
      await router.powerCut();
    });
});
