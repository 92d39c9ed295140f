import type { Dirent } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { sourceDateEpoch, type PackageInfo } from './package.ts';
import { ipkScripts } from './scripts.ts';
import { tar } from './tar.ts';
import { zopfli } from './zopfli.ts';

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
      if (content !== '') await writeFile(join(control, name), content, { mode: 0o755 });

    await writeFile(join(work, 'debian-binary'), '2.0\n');
    await writeFile(join(work, 'data.tar.gz'), zopfli(data));
    await writeFile(join(work, 'control.tar.gz'), zopfli(tar(control)));
    return zopfli(tar(work, ['./debian-binary', './data.tar.gz', './control.tar.gz']));
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
 * The folders that may be missing; and the files: what looks alike together, and the large ones last, because the
 * compressor looks back no more than 32 KB.
 */
async function contents(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const path = (entry: Dirent): string => relative(root, join(entry.parentPath, entry.name));
  const folders = entries.filter((entry) => entry.isDirectory()).map(path);
  const files = await Promise.all(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(async (entry) => {
        const text = await readFile(join(root, path(entry)), 'latin1');
        return { path: path(entry), rank: rankOf(path(entry), text), size: text.length };
      })
  );
  files.sort((a, b) => a.rank - b.rank || a.size - b.size || (a.path < b.path ? -1 : 1));
  const names = [
    ...folders.filter((folder) => !everywhere.has(folder)).sort(),
    ...files.map((file) => file.path)
  ];
  return names.map((name) => `./${name}`);
}

/** Shell, data, JavaScript, ucode. */
function rankOf(path: string, text: string): number {
  if (path.endsWith('.uc') || text.startsWith('#!/usr/bin/ucode')) return 3;
  if (path.endsWith('.js')) return 2;
  return /\.json$|\/(config|keep\.d)\//.test(path) ? 1 : 0;
}

/** `installedSize`: bytes of the uncompressed archive of files. Without conflicts: openwrt/Makefile tells why. */
function controlFile(info: PackageInfo, installedSize: number): string {
  const fields = {
    Package: info.name,
    Version: info.version,
    Depends: info.depends.join(', '),
    License: info.license,
    Section: 'luci',
    SourceDateEpoch: sourceDateEpoch,
    Architecture: 'all',
    'Installed-Size': installedSize,
    Description: info.description
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}
