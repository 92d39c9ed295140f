import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
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
 * Those that are at hand, the newest release first: what `OPENWRT_ROOTFS` names (a directory, .tar or .tar.gz),
 * else every entry of the cache folder. Throws if `OPENWRT_ROOTFS` is not an OpenWrt.
 */
export async function findRootfs(): Promise<Rootfs[]> {
  const named = process.env['OPENWRT_ROOTFS'];
  if (named !== undefined && named !== '') {
    const rootfs = await openRootfs(named);
    if (!rootfs) throw new Error(`OPENWRT_ROOTFS is no OpenWrt root file system: ${named}`);
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
  'no OpenWrt root file system: put an official openwrt-24.10.x or 25.12.x x86-64-rootfs.tar.gz into ' +
  '~/.cache/tailscale-ram/rootfs, or name it with OPENWRT_ROOTFS';

async function openRootfs(path: string): Promise<Rootfs | undefined> {
  const tree = /\.tar(\.gz)?$/.test(path) ? await unpack(path) : path;
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
