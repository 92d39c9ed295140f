import type { Dirent } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { withoutComments } from './bootstrap.ts';
import type { PackageInfo } from './package.ts';
import { ipkScripts } from './scripts.ts';
import { tar } from './tar.ts';
import { zopfli, zopfliAround } from './zopfli.ts';

/** The package for OpenWrt 24.10 (opkg) of the tree in `root`, laid out as OpenWrt's scripts/ipkg-build does. */
export async function buildIpk(root: string, info: PackageInfo): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), 'ipk-'));
  try {
    const data = tar(root, ['--no-recursion', ...(await contents(root))]);
    const control = join(work, 'control');
    await mkdir(control, { mode: 0o755 });
    await writeFile(join(control, 'control'), controlFile(info, data.length), { mode: 0o644 });
    const conffiles = info.conffiles.map((path) => `${path}\n`).join('');
    if (conffiles !== '') await writeFile(join(control, 'conffiles'), conffiles, { mode: 0o644 });
    const scripts = {
      ...ipkScripts,
      'postinst-pkg': info.postinst,
      'prerm-pkg': info.prerm,
      postrm: info.postrm
    };
    for (const [name, content] of Object.entries(scripts))
      if (content !== '') await writeFile(join(control, name), withoutComments(content), { mode: 0o755 });

    await writeFile(join(work, 'debian-binary'), '2.0\n');
    const packed = zopfli(data);
    await writeFile(join(work, 'data.tar.gz'), packed);
    // The folder itself need not be in it.
    const names = (await readdir(control)).sort().map((name) => `./${name}`);
    await writeFile(join(work, 'control.tar.gz'), zopfli(tar(control, names)));
    return zopfliAround(tar(work, ['./debian-binary', './data.tar.gz', './control.tar.gz']), packed);
  } finally {
    await rm(work, { recursive: true });
  }
}

/** Folders that base-files, netifd or luci-base have; opkg makes no others that a package does not list. */
const everywhere = new Set(
  [
    'etc/config',
    'etc/init.d',
    'etc/hotplug.d/iface',
    'lib/upgrade/keep.d',
    'usr/libexec',
    'usr/sbin',
    'usr/share/luci/menu.d',
    'usr/share/rpcd/acl.d',
    'www/luci-static/resources/view'
  ].flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/')))
);

/**
 * What looks alike stands together, because the compressor looks back no more than 32 KB: an order that was found by
 * trying, a few hundred bytes smaller than one by kind and size. What is not in it comes first.
 */
const order = [
  'www/luci-static/resources/view/tailscale-ram.js',
  'usr/share/luci/menu.d/luci-app-tailscale-ram.json',
  'usr/share/rpcd/acl.d/luci-app-tailscale-ram.json',
  'www/luci-static/resources/view/status/include/22_tailscale-ram.js',
  'usr/sbin/tailscale-ram',
  'usr/libexec/tailscale-ram/report',
  'usr/libexec/tailscale-ram/agent',
  'etc/config/tailscale-ram',
  'usr/libexec/tailscale-ram/update',
  'usr/libexec/tailscale-ram/forget-network',
  'usr/libexec/tailscale-ram/forget-rules',
  'usr/libexec/tailscale-ram/tunnel-routes',
  'usr/libexec/tailscale-ram/firewall-nat',
  'usr/libexec/tailscale-ram/firewall',
  'usr/libexec/tailscale-ram/binary',
  'etc/init.d/tailscale-ram-names',
  'usr/libexec/tailscale-ram/settings',
  'usr/libexec/tailscale-ram/take-over',
  'etc/init.d/tailscale-ram',
  'etc/hotplug.d/ntp/90-tailscale-ram',
  'usr/libexec/tailscale-ram/restore',
  'usr/libexec/tailscale-ram/bootstrap',
  'etc/hotplug.d/iface/90-tailscale-ram',
  'lib/upgrade/tailscale-ram.sh',
  'lib/upgrade/keep.d/tailscale-ram',
  'usr/sbin/tailscaled',
  'usr/libexec/tailscale-ram/wake',
  'usr/sbin/tailscale'
];

/** The folders that may be missing; and the files. */
async function contents(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const path = (entry: Dirent): string => relative(root, join(entry.parentPath, entry.name));
  const folders = entries.filter((entry) => entry.isDirectory()).map(path);
  const files = entries.filter((entry) => !entry.isDirectory()).map(path);
  const names = [
    ...folders.filter((folder) => !everywhere.has(folder)).sort(),
    ...files.sort((a, b) => order.indexOf(a) - order.indexOf(b) || (a < b ? -1 : 1))
  ];
  return names.map((name) => `./${name}`);
}

/** `installedSize`: bytes of the uncompressed archive of files. Without conflicts: openwrt/Makefile tells why. */
function controlFile(info: PackageInfo, installedSize: number): string {
  const fields = {
    Package: info.name,
    Version: info.version,
    Depends: info.depends.join(', '),
    License: info.license,
    Section: 'luci',
    Architecture: 'all',
    'Installed-Size': installedSize,
    Description: info.description
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}
