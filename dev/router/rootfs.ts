import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir, makeOnce } from '../setup/cache.ts';
import { succeed } from '../tailnet/command.ts';

/** An OpenWrt root file system, ready to boot. */
export interface Rootfs {
  /** Such as `25.12`. */
  release: string;
  /** A directory, which is never written to. */
  tree: string;
}

/**
 * Those that are at hand, the newest release first: the one that is named (a directory, .tar or .tar.gz), by
 * `OPENWRT_ROOTFS` unless told, else every entry of the cache folder. Throws if what is named is no OpenWrt.
 */
export async function findRootfs(named = process.env['OPENWRT_ROOTFS'] ?? ''): Promise<Rootfs[]> {
  if (named !== '') {
    const rootfs = await openRootfs(named);
    if (!rootfs) throw new Error(`${named} is no OpenWrt root file system`);
    return [rootfs];
  }
  const folder = cacheDir('rootfs');
  const entries = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const found = await Promise.all(entries.map((name) => openRootfs(join(folder, name))));
  return found
    .filter((rootfs) => rootfs !== undefined)
    .sort((a, b) => b.release.localeCompare(a.release, 'en', { numeric: true }));
}

/** One line for who has none. */
export const noRootfs =
  'no OpenWrt root file system: put openwrt-VERSION-x86-64-rootfs.tar.gz of an OpenWrt 24.10 or 25.12 (beside it on ' +
  'downloads.openwrt.org is sha256sums) into ~/.cache/tailscale-ram/rootfs, or name it with OPENWRT_ROOTFS';

async function openRootfs(path: string): Promise<Rootfs | undefined> {
  const tree = /\.tar(\.gz)?$/.test(path) ? await unpack(path) : await realpath(path).catch(() => path);
  const release = await readFile(join(tree, 'etc/openwrt_release'), 'utf8').catch(() => '');
  const [, version] = /^DISTRIB_RELEASE='?(\d+\.\d+|SNAPSHOT)/m.exec(release) ?? [];
  return version === undefined ? undefined : { release: version, tree };
}

/** Once for each content. */
async function unpack(archive: string): Promise<string> {
  if (!(await stat(archive)).isFile()) throw new Error(`${archive} is not a file`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(archive)) hash.update(chunk as Buffer);
  return makeOnce(join(cacheDir('rootfs-unpacked'), hash.digest('hex').slice(0, 16)), async (path) => {
    await mkdir(path);
    await succeed(['tar', '-xf', archive, '-C', path, '--numeric-owner', '--exclude=./dev/*'], {
      timeout: 120
    });
  });
}
