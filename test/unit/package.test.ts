import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { buildApk, findApk } from '../../build/apk.ts';
import { buildFeed } from '../../build/feed.ts';
import { buildIpk } from '../../build/ipk.ts';
import { readPackageInfo, repository, sourceDateEpoch } from '../../build/package.ts';
import { buildRoot } from '../../build/root.ts';
import { cacheDir } from '../../dev/setup/cache.ts';

const work = mkdtempSync(join(tmpdir(), 'package-'));
const info = await readPackageInfo();
const root = join(work, 'root');
await buildRoot(root);
const ipk = await buildIpk(root, info);

const resources = 'www/luci-static/resources';
const pages = ['view/status/include/22_tailscale-ram.js', 'view/tailscale-ram.js'].map(
  (name) => `${resources}/${name}`
);

const test = suite('package');
test.after(() => {
  rmSync(work, { recursive: true });
});

test('small enough', () => {
  assert.ok(ipk.length <= 64 * 1024, `${ipk.length} bytes`);
});

test('so is the agent', () => {
  const { length } = gzipSync(readFileSync(join(root, 'usr/libexec/tailscale-ram/agent')), { level: 9 });
  assert.ok(length <= 24 * 1024, `${length} bytes`);
});

test('and the pages, as installed', () => {
  const sizes = pages.map((name) => lstatSync(join(root, name)).size);
  const sum = sizes.reduce((before, size) => before + size, 0);
  assert.ok(sum <= 60 * 1024, `${sum} bytes`);
});

test('compressed better than by gzip, and nothing else in it', () => {
  const packed = execFileSync('tar', ['-xO', './data.tar.gz'], { input: gunzipSync(ipk) });
  assert.ok(
    packed.length < 0.98 * gzipSync(gunzipSync(packed), { level: 9 }).length,
    `${packed.length} bytes`
  );
  // Neither a date nor a name.
  assert.is(packed.toString('hex', 0, 8), '1f8b080000000000');
});

test('scripts without comments and indentation; what they print has its own', () => {
  const scripts = members(memberOf(ipk, './data.tar.gz'))
    .map(({ name }) => name)
    .filter((name) => /^\.\/(etc\/(hotplug|init)\.d|usr\/(libexec|sbin))\/.*[^/]$|\.sh$/.test(name));
  for (const name of scripts) {
    const text = readFileSync(join(root, name), 'utf8');
    if (!/^#!\/usr\/bin\/ucode|^'use strict'|^\/\//.test(text)) assert.not.match(text, /\n[\t\n#]/, name);
  }
  const { stderr } = spawnSync('sh', [join(root, 'usr/libexec/tailscale-ram/bootstrap')], {
    encoding: 'utf8'
  });
  assert.match(stderr, /^usage: bootstrap run\|fetch\|update\n$/);
  const command = readFileSync(join(root, 'usr/sbin/tailscale-ram'), 'utf8');
  assert.match(command, /usage: .*\n\n {2}status /);
});

test('README tells of every option that the router reads, and its default', () => {
  const read = (name: string) => readFileSync(new URL(name, repository), 'utf8');
  const rows = read('README.md').matchAll(/^\| `(\w+)` +\| (?:`([^`]*)`)? +\| \S/gm);
  const told = Object.fromEntries(Array.from(rows, ([, option = '', value = '']) => [option, value]));
  const settings = read('files/usr/libexec/tailscale-ram/settings');
  const lines = [...settings.matchAll(/^\t(?:setting|addresses) \w+ (\w+) (\S+)/gm)];
  assert.ok(lines.length > 15);
  for (const [, option = '', value] of lines)
    assert.is(told[option], value === "''" ? '' : value, `README's ${option}`);
  const config = readFileSync(join(root, 'etc/config/tailscale-ram'), 'utf8');
  for (const [, option = '', value] of config.matchAll(/^\t(?:option|list) (\w+) '(.*)'$/gm))
    assert.is(value, told[option], `the file's ${option}`);
});

test('modes and owners as installed', () => {
  const modes = Object.fromEntries(
    members(memberOf(ipk, './data.tar.gz')).map(({ name, mode, owner }) => [name, `${mode} ${owner}`])
  );
  const program = '-rwxr-xr-x 0/0';
  const data = '-rw-r--r-- 0/0';
  const folder = 'drwxr-xr-x 0/0';
  for (const [name, mode] of Object.entries(modes)) if (name.endsWith('/')) assert.is(mode, folder, name);
  const files = Object.entries(modes).filter(([name]) => !name.endsWith('/'));
  assert.equal(Object.fromEntries(files), {
    ...Object.fromEntries(pages.map((name) => [`./${name}`, data])),
    './etc/config/tailscale-ram': '-rw------- 0/0',
    './etc/hotplug.d/iface/90-tailscale-ram': data,
    './etc/hotplug.d/ntp/90-tailscale-ram': data,
    './etc/init.d/tailscale-ram': program,
    './etc/init.d/tailscale-ram-names': program,
    './lib/upgrade/keep.d/tailscale-ram': data,
    './lib/upgrade/tailscale-ram.sh': data,
    './usr/libexec/tailscale-ram/agent': program,
    './usr/libexec/tailscale-ram/binary': data,
    './usr/libexec/tailscale-ram/bootstrap': program,
    './usr/libexec/tailscale-ram/firewall': data,
    './usr/libexec/tailscale-ram/firewall-nat': data,
    './usr/libexec/tailscale-ram/forget-network': program,
    './usr/libexec/tailscale-ram/forget-rules': program,
    './usr/libexec/tailscale-ram/report': program,
    './usr/libexec/tailscale-ram/restore': data,
    './usr/libexec/tailscale-ram/settings': data,
    './usr/libexec/tailscale-ram/take-over': program,
    './usr/libexec/tailscale-ram/tunnel-routes': program,
    './usr/libexec/tailscale-ram/update': program,
    './usr/libexec/tailscale-ram/wake': program,
    './usr/sbin/tailscale': program,
    './usr/sbin/tailscale-ram': program,
    './usr/sbin/tailscaled': program,
    './usr/share/luci/menu.d/luci-app-tailscale-ram.json': data,
    './usr/share/rpcd/acl.d/luci-app-tailscale-ram.json': data
  });
});

test('laid out as opkg reads it', () => {
  assert.equal(
    members(gunzipSync(ipk)).map(({ name }) => name),
    ['./debian-binary', './data.tar.gz', './control.tar.gz']
  );
  assert.is(memberOf(ipk, './debian-binary').toString(), '2.0\n');
  const control = members(memberOf(ipk, './control.tar.gz'));
  assert.equal(
    control.map(({ name, mode }) => `${name} ${mode}`),
    [
      './conffiles -rw-r--r--',
      './control -rw-r--r--',
      './postinst -rwxr-xr-x',
      './postinst-pkg -rwxr-xr-x',
      './postrm -rwxr-xr-x',
      './prerm -rwxr-xr-x',
      './prerm-pkg -rwxr-xr-x'
    ]
  );
  for (const archive of [
    gunzipSync(ipk),
    memberOf(ipk, './data.tar.gz'),
    memberOf(ipk, './control.tar.gz')
  ]) {
    for (const header of headers(archive)) {
      assert.is(header.toString('latin1', 257, 263), 'ustar\0');
      assert.match(header.toString('latin1', 156, 157), /^[05]$/);
      assert.is(parseInt(header.toString('latin1', 136, 147), 8), sourceDateEpoch);
    }
  }
});

test('control says what the design asks for', () => {
  const control = memberOf(memberOf(ipk, './control.tar.gz'), './control').toString();
  const fields = Object.fromEntries(
    control
      .trim()
      .split('\n')
      .map((line) => line.split(': ') as [string, string])
  );
  assert.is(fields['Package'], 'luci-app-tailscale-ram');
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  assert.is(fields['Version'], version);
  assert.is(fields['Architecture'], 'all');
  assert.is(
    fields['Depends'],
    'ca-bundle, kmod-tun, kmod-loop, usign, ucode, ucode-mod-fs, ucode-mod-uci, ucode-mod-ubus, ucode-mod-uloop, ucode-mod-socket, luci-base, luci-lib-uqr'
  );
  assert.is(fields['Conflicts'], undefined);
  assert.is(fields['Installed-Size'], String(memberOf(ipk, './data.tar.gz').length));
  assert.is(
    memberOf(memberOf(ipk, './control.tar.gz'), './conffiles').toString(),
    '/etc/config/tailscale-ram\n'
  );
});

test('the same sources make the same bytes', async () => {
  const again = join(work, 'again');
  const umask = process.umask(0o077);
  await buildRoot(again);
  process.umask(umask);
  utimesSync(join(again, 'usr/sbin/tailscale'), 1, 1);
  assert.ok((await buildIpk(again, info)).equals(ipk));
  assert.ok((await buildFeed(again, info)).equals(await buildFeed(root, info)));
});

test('the feed is complete', async () => {
  const archive = join(work, 'feed.tar.gz');
  writeFileSync(archive, await buildFeed(root, info));
  execFileSync('tar', ['-xzf', archive, '-C', work]);
  const feed = join(work, `${info.name}-${info.version}`);
  assert.equal(readdirSync(feed).sort(), ['LICENSE', 'dist', 'openwrt', 'package.json']);
  // The SDK's `make`, of an SDK that only installs.
  const sdk = join(work, 'sdk');
  mkdirSync(sdk);
  writeFileSync(join(sdk, 'rules.mk'), 'CP:=cp -fpR\n');
  writeFileSync(
    join(sdk, 'package.mk'),
    'BuildPackage=$(info $(PKG_VERSION))$(eval all: ; $(strip $(call Package/$(1)/install,$(DESTDIR))))\n'
  );
  const installed = join(work, 'installed');
  mkdirSync(installed);
  const options = [
    '-s',
    '-C',
    join(feed, 'openwrt'),
    `TOPDIR=${sdk}`,
    `INCLUDE_DIR=${sdk}`,
    `DESTDIR=${installed}`
  ];
  const { error, stdout } = spawnSync('make', options, { encoding: 'utf8' });
  if (error) return;
  assert.is(stdout.split('\n')[0], info.version);
  assert.ok((await buildIpk(installed, info)).equals(ipk));
});

test('postrm frees the RAM, but not at an upgrade or in an image', () => {
  const script = join(work, 'postrm');
  // Not on this machine.
  writeFileSync(script, info.postrm.replaceAll(' /', ` ${work}/ram/`));
  const left = (env: NodeJS.ProcessEnv): boolean => {
    mkdirSync(join(work, 'ram/tmp/tailscale-ram/bin'), { recursive: true });
    execFileSync('sh', [script], { env: { PATH: process.env['PATH'], ...env } });
    return existsSync(join(work, 'ram/tmp/tailscale-ram'));
  };
  assert.ok(left({ PKG_UPGRADE: '1' }));
  assert.ok(left({ IPKG_INSTROOT: '/image' }));
  assert.not.ok(left({ PKG_UPGRADE: '0' }));
});

for (const release of ['25.12', '24.10']) {
  const tree = join(cacheDir('rootfs'), release);
  if (!existsSync(join(tree, 'etc/rc.common'))) {
    console.log(`skipped: postinst in an image of OpenWrt ${release}: there is no root tree in the cache`);
    continue;
  }
  test(`postinst in an image of OpenWrt ${release} enables the service and runs nothing`, () => {
    const image = join(work, `image-${release}`);
    for (const folder of ['lib/functions', 'etc/rc.d', 'usr/lib/opkg/info', 'usr/share'])
      mkdirSync(join(image, folder), { recursive: true });
    for (const file of [
      'lib/functions.sh',
      'lib/functions/service.sh',
      'lib/functions/procd.sh',
      'lib/config',
      'etc/rc.common',
      'usr/share/libubox'
    ]) {
      execFileSync('cp', ['-a', join(tree, file), join(image, file)]);
    }
    execFileSync('mkdir', ['-p', join(image, 'var/lock')]);
    execFileSync('cp', ['-a', `${root}/.`, image]);
    const list = members(memberOf(ipk, './data.tar.gz'))
      .map(({ name }) => name.slice(1))
      .filter((name) => !name.endsWith('/'));
    writeFileSync(join(image, `usr/lib/opkg/info/${info.name}.list`), list.join('\n') + '\n');
    const postinst = join(image, `usr/lib/opkg/info/${info.name}.postinst`);
    writeFileSync(postinst, memberOf(memberOf(ipk, './control.tar.gz'), './postinst'));
    chmodSync(postinst, 0o755);
    const { status, stdout, stderr } = spawnSync(postinst, {
      env: { PATH: process.env['PATH'], IPKG_INSTROOT: image },
      encoding: 'utf8'
    });
    assert.equal({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
    assert.equal(readdirSync(join(image, 'etc/rc.d')).sort(), [
      'K10tailscale-ram',
      'S18tailscale-ram-names',
      'S99tailscale-ram'
    ]);
    assert.is(readlinkSync(join(image, 'etc/rc.d/S99tailscale-ram')), '../init.d/tailscale-ram');
    assert.not.ok(existsSync(join(image, 'etc/tailscale')));
  });
}

const apk = findApk();
if (!apk) console.log('skipped: the .apk: there is no apk-tools 3, as `apk` or named by APK');
else {
  test('the .apk: root’s, complete, and the same again', async () => {
    const first = await buildApk(apk, root, info);
    assert.ok((await buildApk(apk, root, info)).equals(first));
    const file = join(work, 'package.apk');
    writeFileSync(file, first);
    const dump = execFileSync(apk, ['adbdump', '--allow-untrusted', file], { encoding: 'utf8' });
    for (const line of [
      'name: luci-app-tailscale-ram',
      `version: ${info.version}`,
      'arch: noarch',
      "- '!tailscale'",
      '- luci-lib-uqr'
    ]) {
      assert.match(dump, line);
    }
    for (const script of ['post-install', 'post-upgrade', 'pre-deinstall', 'post-deinstall'])
      assert.match(dump, script);
    assert.not.match(dump, /user: (?!root)/);
    const tree = join(work, 'apk');
    mkdirSync(tree);
    execFileSync(apk, ['extract', '--allow-untrusted', '--no-chown', '--destination', tree, file]);
    const lists = join(tree, 'lib/apk/packages', info.name);
    assert.match(readFileSync(`${lists}.list`, 'utf8'), /^\/etc\/init\.d\/tailscale-ram$/m);
    const config = readFileSync(join(tree, 'etc/config/tailscale-ram'));
    assert.is(
      readFileSync(`${lists}.conffiles_static`, 'utf8'),
      `/etc/config/tailscale-ram ${createHash('sha256').update(config).digest('hex')}\n`
    );
    assert.is(lstatSync(join(tree, 'etc/config/tailscale-ram')).mode & 0o777, 0o600);
  });
}

test.run();

function members(archive: Buffer): { name: string; mode: string; owner: string }[] {
  const listing = execFileSync('tar', ['-tv', '--numeric-owner'], {
    input: plain(archive),
    encoding: 'utf8'
  });
  return listing
    .trim()
    .split('\n')
    .map((line) => {
      const [mode = '', owner = '', , , , name = ''] = line.split(/ +/);
      return { name, mode, owner };
    });
}

/** The content of a file in an archive; archives come unzipped. */
function memberOf(archive: Buffer, name: string): Buffer {
  return plain(execFileSync('tar', ['-xO', name], { input: plain(archive) }));
}

function plain(bytes: Buffer): Buffer {
  return bytes.readUInt16BE() === 0x1f8b ? gunzipSync(bytes) : bytes;
}

function headers(archive: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; archive[at] !== 0;) {
    const header = archive.subarray(at, at + 512);
    found.push(header);
    at += 512 + Math.ceil(parseInt(header.toString('latin1', 124, 135), 8) / 512) * 512;
  }
  return found;
}
