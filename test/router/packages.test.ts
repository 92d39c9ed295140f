import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { buildApk, findApk } from '../../build/apk.ts';
import { buildIpk } from '../../build/ipk.ts';
import type { PackageInfo } from '../../build/package.ts';
import { bootstrapState, daemonPids, untilNamed, untilRunning } from '../../dev/router/desk.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { PackageManager } from '../../dev/router/package-manager.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { differences, takeSnapshot, untilAtRest, type Snapshot } from './snapshot.ts';

const name = 'luci-app-tailscale-ram';
/** The identity, and what the user wrote. */
const mayStay = /^files \+ .*\/etc\/(tailscale|config\/tailscale-ram)|^uci \+/;
const newer = '99.0.0';
/** The agent's. */
const known = '/tmp/run/tailscale-ram/known.json';
const installedPackages = 'apk list -I || opkg list-installed';
const refusals = {
  ours: /already provided by package +\* tailscale|breaks: luci-app-tailscale-ram/,
  official: /already provided by package +\* luci-app-tailscale-ram|breaks: luci-app-tailscale-ram/
};

await onEachRelease('packages', (scenario, bench) => {
  let before: Snapshot;
  let configured = '';
  const exported = (router: OpenWrt): Promise<string> =>
    router.succeed('uci export firewall; uci export network');

  scenario('is installed, enabled and running at once, without a reboot', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await router.until('names are resolved', 30, 'nslookup ntp.example 127.0.0.1 | grep -q 192.0.2');
    await untilAtRest(router);
    before = await takeSnapshot(router);
    configured = await exported(router);
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
    assert.match(await router.succeed(installedPackages), new RegExp(`${name}.*${newer}`));
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
    assert.is(await exported(router), configured);
    await router.until('the firewall has let go', 10, '! nft list ruleset | grep -q tailscale0');
    await router.until('so have the routes', 10, '! ip rule | grep -q 5260');
    const left = differences(before, await takeSnapshot(router)).filter((line) => !mayStay.test(line));
    assert.equal(left, []);
  });

  scenario('an image that is built with it starts it, and the building machine does not', async () => {
    const { desk, rootfs, router } = bench;
    const image = '/tmp/image';
    const inside = `/proc/${router.pid}/root${image}`;
    const { kind } = await PackageManager.of(router);
    const file = `/tmp/package.${kind === 'apk' ? 'apk' : 'ipk'}`;
    const machine = await takeSnapshot(router);
    await succeed(['cp', '-a', rootfs.tree, inside]);
    await router.succeed(['mkdir', '-p', `${image}/tmp/lock`]);
    await router.copy(await desk.packageFor(router), file);
    const offline = {
      apk: ['apk', 'add', '--root', image, '--allow-untrusted', '--force-non-repository', '--no-network'],
      opkg: ['opkg', '--offline-root', image, 'install']
    };
    // The build installs without scripts, and runs them afterwards by its own shell (OpenWrt's include/rootfs.mk).
    await router.succeed([...offline[kind], ...(kind === 'apk' ? ['--no-scripts'] : []), file], {
      timeout: 60
    });
    const [script] = await postInstallScripts(inside, kind);
    await succeed(['bash', script ?? ''], { env: { IPKG_INSTROOT: inside } });
    await router.exec(['rm', file]);

    const links = (await readdir(join(inside, 'etc/rc.d'))).filter((link) => link.includes(name.slice(9)));
    assert.equal(links.sort(), ['K10tailscale-ram', 'S18tailscale-ram-names', 'S99tailscale-ram']);
    assert.ok(existsSync(join(inside, 'usr/libexec/tailscale-ram/bootstrap')));
    await router.succeed(['rm', '-r', image]);
    assert.equal(differences(machine, await takeSnapshot(router)), []);
    assert.not(existsSync('/etc/rc.d'));
  });

  scenario('is not installed beside the official package, nor that beside it', async () => {
    const { desk, router } = bench;
    const manager = await PackageManager.of(router);
    const ours = await desk.packageFor(router);
    const official = await officialPackage(router, desk.directory);
    for (const [first, second] of [
      [official, ours],
      [ours, official]
    ] as const) {
      assert.is((await manager.install(first)).code, 0);
      if (first === ours) {
        await router.until(
          'the agent has seen it in the tailnet',
          60,
          `grep -q '"connected": true' ${known}`
        );
        await router.until('its port is open', 10, 'nft list chain inet fw4 input_wan | grep -q 41641');
        await untilNamed(router);
      }
      const installed = await takeSnapshot(router);
      const { code, stdout, stderr } = await manager.install(second);
      assert.is.not(code, 0);
      assert.match(stdout + stderr, second === ours ? refusals.ours : refusals.official);
      const changes = differences(installed, await takeSnapshot(router));
      // The time server answers sooner or later.
      assert.equal(
        changes.filter((line) => !line.endsWith('/clock-synced')),
        []
      );
      // It is as if nobody had tried.
      if (first === ours) await desk.install(router, newer);
      const { code: removed } = await manager.remove(first === ours ? name : 'tailscale');
      assert.is(removed, 0);
      await router.until('tailscaled has ended', 10, '! pidof tailscaled');
    }
  });

  scenario('a power cut seconds after its installation takes nothing of it back', async () => {
    const { desk, router } = bench;
    await desk.install(router);
    await sleep(3000);
    await router.powerCut();
    await router.powerOn();
    await untilRunning(router);
    assert.match(await router.succeed(installedPackages), new RegExp(name));
    // Not what is installed only halfway.
    await desk.install(router, newer);
    assert.match(await router.succeed(installedPackages), new RegExp(`${name}.*${newer}`));
  });
});

/** A package with the name and the files of OpenWrt's own, as a file. */
async function officialPackage(router: OpenWrt, directory: string): Promise<string> {
  const tree = join(directory, 'official');
  await mkdir(join(tree, 'usr/sbin'), { recursive: true });
  for (const program of ['tailscale', 'tailscaled'])
    await writeFile(join(tree, 'usr/sbin', program), '#!/bin/sh\n', { mode: 0o755 });
  const info: PackageInfo = {
    ...{ name: 'tailscale', version: '1.80.0', license: 'BSD-3-Clause', title: 'Tailscale' },
    ...{
      description: 'Tailscale',
      depends: ['libc'],
      conflicts: ['tailscale-other'],
      conffiles: [],
      postinst: '#!/bin/sh\n',
      prerm: '#!/bin/sh\n',
      postrm: '#!/bin/sh\n'
    }
  };
  const { kind } = await PackageManager.of(router);
  const content = kind === 'apk' ? await buildApk(findApk() ?? '', tree, info) : await buildIpk(tree, info);
  const file = join(directory, `tailscale.${kind}`);
  await writeFile(file, content);
  return file;
}

/** Where those of our package are in an image. */
async function postInstallScripts(image: string, kind: 'apk' | 'opkg'): Promise<string[]> {
  const folder = join(image, kind === 'apk' ? 'lib/apk/db' : 'usr/lib/opkg/info');
  if (kind === 'apk') await succeed(['tar', '-C', folder, '-xzf', join(folder, 'scripts.tar.gz')]);
  const found = (await readdir(folder)).filter(
    (file) => file.startsWith(name) && /\.post-?inst(all)?$/.test(file)
  );
  return found.map((file) => join(folder, file));
}
