import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { buildIpk } from '../../build/ipk.ts';
import { readPackageInfo } from '../../build/package.ts';
import { buildRoot } from '../../build/root.ts';
import { bootstrapState, daemonPids, untilNamed, untilPhase, untilRunning } from '../../dev/router/desk.ts';
import { Feed } from '../../dev/router/feed.ts';
import { PackageManager } from '../../dev/router/package-manager.ts';
import { whyUnusable } from '../../dev/router/requirements.ts';
import { findRootfs, type Rootfs } from '../../dev/router/rootfs.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { takeSnapshot } from './snapshot.ts';

const name = 'luci-app-tailscale-ram';
const newer = '99.0.0';
let stocks = 0;
/** What a stock image lacks, as the feed has it. Loading a module makes its device. */
const missing = {
  'kmod-tun': {
    'etc/modules.d/30-tun': 'tun\n',
    'etc/uci-defaults/kmod-tun': 'mkdir -p /dev/net && mknod /dev/net/tun c 10 200\n'
  },
  'ucode-mod-socket': { 'usr/lib/ucode/socket.so': '\n' }
};

await onEachRelease('a firmware upgrade', (scenario, bench) => {
  let nodeKey: string;
  let backup: Buffer;
  let secondBackup: Buffer;
  /** The same router with a new image. */
  let upgraded: OpenWrt;
  let feed: Feed;
  let releaseFeed: () => void;

  /** As it comes from the factory, with a flash of its own; switched on. The feed is its release's. */
  const stockRouter = async (rootfs: Rootfs): Promise<OpenWrt> => {
    const { desk } = bench;
    const directory = `/run/desk/stock-${++stocks}`;
    const router = await bench.addRouter(rootfs, { directory, tun: false });
    await router.powerOn();
    const manager = await PackageManager.of(router);
    for (const one of Object.keys(missing)) {
      const { code, stdout, stderr } = await manager.remove(one);
      assert.is(code, 0, stdout + stderr);
    }
    feed = await Feed.open(desk.internet.address, join(directory, 'feed'), manager.kind, missing);
    await feed.offerTo(router);
    return router;
  };

  scenario('a backup brings its own package along, without a write to flash', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    nodeKey = (await desk.login(router)).Self.PublicKey;
    await router.uci('set', 'tailscale-ram.main.reserve_mb=7');
    await router.uci('commit', 'tailscale-ram');
    await untilNamed(router);

    const before = await takeSnapshot(router);
    backup = await makeBackup(router);
    assert.equal((await takeSnapshot(router)).files, before.files);
    const members = await list(backup);
    for (const member of [
      ...['etc/config/tailscale-ram', 'etc/tailscale/tailscaled.state', 'etc/uci-defaults/99-tailscale-ram'],
      ...['etc/rc.d/S99tailscale-ram', 'etc/tailscale-ram/package/usr/libexec/tailscale-ram/bootstrap']
    ]) {
      assert.ok(members.includes(member), member);
    }
    assert.not((await router.succeed(['sysupgrade', '-l'])).includes('backup'));
  });

  scenario('before an upgrade it costs at most 1 KB of flash', async () => {
    const tree = '/run/desk/tree';
    const info = await readPackageInfo();
    await buildRoot(tree);
    const { length } = await buildIpk(tree, info);
    await rm(join(tree, 'lib/upgrade/tailscale-ram.sh'));
    await rm(join(tree, 'usr/libexec/tailscale-ram/restore'));
    const cost = length - (await buildIpk(tree, info)).length;
    assert.ok(cost <= 1024, `${cost} bytes`);
  });

  scenario('a backup never fails because of it', async () => {
    const { router } = bench;
    const hook = '/lib/upgrade/tailscale-ram.sh';
    const withLittleRoom = async (kilobytes: number): Promise<{ code: number | null; members: string[] }> => {
      const script = `free=$(df -k /tmp | awk 'END { print $4 }')
        dd if=/dev/zero of=/tmp/full bs=1k count=$((free - ${kilobytes}))
        sysupgrade -b /root/backup.tgz >/dev/null`;
      const { code } = await router.exec(script);
      await router.succeed(['rm', '/tmp/full']);
      const members = await readFile(`/proc/${router.pid}/root/root/backup.tgz`).then(list, () => []);
      await router.succeed('rm -f /root/backup.tgz');
      return {
        code,
        members: members.filter((member) => !/tailscale-ram\/package|uci-def|rc\.d/.test(member))
      };
    };
    // Below some of these, the list of our files is what would take the room that sysupgrade needs.
    for (const kilobytes of [4, 8, 12, 16, 20, 40]) {
      await router.succeed(`rm -rf /var/run/tailscale-ram/backup; mv ${hook} /root/hook`);
      const without = await withLittleRoom(kilobytes);
      await router.succeed(`mv /root/hook ${hook}`);
      assert.equal(await withLittleRoom(kilobytes), without, `${kilobytes} KB`);
      if (kilobytes === 40) assert.ok(without.members.includes('etc/tailscale/tailscaled.state'));
    }
    // A file of the package is missing, or the script that comes along.
    for (const file of ['/usr/sbin/tailscaled', '/usr/libexec/tailscale-ram/restore']) {
      await router.succeed(['mv', file, '/tmp/kept']);
      const members = await list(await makeBackup(router));
      assert.ok(members.includes('etc/tailscale/tailscaled.state') && members.includes('etc/config/network'));
      await router.succeed(['mv', '/tmp/kept', file]);
    }
  });

  scenario('on a stock image, with the WAN late, the same node comes back in userspace', async () => {
    const { desk, router } = bench;
    await router.powerCut();
    upgraded = await stockRouter(bench.rootfs);
    // Where sysupgrade leaves it for the first boot.
    await upgraded.write('sysupgrade.tgz', backup);
    releaseFeed = feed.hold();
    await desk.surroundings.wan.disconnect();
    await upgraded.reboot();
    await untilPhase(upgraded, 'waiting-network');
    await sleep(3000);
    await desk.surroundings.wan.connect();
    assert.is((await untilRunning(upgraded)).Self.PublicKey, nodeKey);
    assert.is((await bootstrapState(upgraded))?.error?.code, 'tun-missing');
    assert.is(await upgraded.uci('get', 'tailscale-ram.main.reserve_mb'), '7');
    await upgraded.succeed('! ls /etc/tailscale-ram/package /etc/uci-defaults/99-tailscale-ram 2>/dev/null');
  });

  scenario('what it lacks comes from its feeds, and TUN with it', async () => {
    const pid = await daemonPids(upgraded);
    releaseFeed();
    await upgraded.until('what was missing is installed', 90, [
      'test',
      '!',
      '-e',
      '/etc/tailscale-ram/incomplete'
    ]);
    assert.equal([...new Set(feed.fetched)].sort(), Object.keys(missing));
    await upgraded.until('the daemon has TUN', 20, 'ip link show tailscale0');
    assert.is.not(await daemonPids(upgraded), pid);
    assert.is((await untilRunning(upgraded)).Self.PublicKey, nodeKey);
    assert.is((await bootstrapState(upgraded))?.error, null);
    const books = await upgraded.succeed('opkg list-installed || apk list -I');
    assert.is(books.includes(name), upgraded.release === '24.10');
    secondBackup = await makeBackup(upgraded);
  });

  scenario('its package can be upgraded and removed', async () => {
    const { desk } = bench;
    await desk.install(upgraded, newer);
    assert.match(
      await upgraded.succeed('opkg list-installed || apk list -I'),
      new RegExp(`${name}.*${newer}`)
    );
    assert.is((await untilRunning(upgraded)).Self.PublicKey, nodeKey);
  });

  scenario('an image that has a newer package keeps it', async () => {
    const mark = '# of the newer package';
    await upgraded.succeed(`echo '${mark}' >>/usr/libexec/tailscale-ram/wake`);
    await upgraded.write('sysupgrade.tgz', secondBackup);
    await upgraded.reboot();
    await untilRunning(upgraded);
    assert.match((await upgraded.read('usr/libexec/tailscale-ram/wake')) ?? '', mark);
    assert.match(
      await upgraded.succeed('opkg list-installed || apk list -I'),
      new RegExp(`${name}.*${newer}`)
    );
    await upgraded.succeed('! ls /etc/tailscale-ram/package /etc/tailscale-ram/incomplete 2>/dev/null');
    const manager = await PackageManager.of(upgraded);
    const { code, stdout, stderr } = await manager.remove(name);
    assert.is(code, 0, stdout + stderr);
    await upgraded.succeed(
      '! ls -d /usr/libexec/tailscale-ram /usr/sbin/tailscale /lib/upgrade/tailscale-ram.sh 2>&-'
    );
    await upgraded.powerCut();
    await feed.close();
  });

  scenario('a second upgrade, to the newest release, works as the first', async () => {
    assert.equal(packageOf(await list(secondBackup)), packageOf(await list(backup)));
    let newest = bench.rootfs;
    for (const rootfs of (await findRootfs()).reverse())
      if ((await whyUnusable(rootfs)) === undefined) newest = rootfs;
    const again = await stockRouter(newest);
    await again.write('root/backup.tgz', secondBackup);
    await again.succeed('sysupgrade -r /root/backup.tgz');
    // `sysupgrade -c` keeps all of /etc.
    await again.write('etc/init.d/tailscale-ram', '#!/bin/sh\n', 0o755);
    await again.reboot();
    assert.is((await untilRunning(again)).Self.PublicKey, nodeKey);
    await again.until('the daemon has TUN', 40, 'ip link show tailscale0');
    assert.is((await untilRunning(again)).Self.PublicKey, nodeKey);
    const third = packageOf(await list(await makeBackup(again)));
    assert.ok(third.includes('etc/tailscale-ram/package/usr/libexec/tailscale-ram/bootstrap'));
    await feed.close();
  });
});

async function makeBackup(router: OpenWrt): Promise<Buffer> {
  await router.succeed(['sysupgrade', '-b', '/tmp/backup.tgz']);
  const backup = await readFile(`/proc/${router.pid}/root/tmp/backup.tgz`);
  await router.succeed(['rm', '/tmp/backup.tgz']);
  return backup;
}

/** The names in a backup. */
async function list(backup: Buffer): Promise<string[]> {
  await writeFile('/run/desk/backup.tgz', backup);
  return (await succeed(['tar', '-tzf', '/run/desk/backup.tgz'])).trimEnd().split('\n').sort();
}

function packageOf(members: readonly string[]): string[] {
  return members.filter((member) => member.startsWith('etc/tailscale-ram/package/'));
}
