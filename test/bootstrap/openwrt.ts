import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir } from '../../dev/setup/cache.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { ground } from './ground.ts';

const trees = cacheDir('rootfs');
const entered = new Map<string, Promise<string>>();

/** The OpenWrt releases whose root file systems are in the cache: none, one or several. */
export const releases = readdirSync(trees)
  .filter((name) => existsSync(join(trees, name, 'etc/rc.common')))
  .sort();

/**
 * A root directory with a release's userland, for chroot: its own busybox, uclient-fetch and jsonfilter, and the
 * sandboxes' common ground. It is mounted once for this process, over its tree, which stays as it is; the test's
 * mount namespace ends it.
 */
export function openWrtRoot(release: string): Promise<string> {
  const made = entered.get(release) ?? mountRoot(release);
  entered.set(release, made);
  return made;
}

async function mountRoot(release: string): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'openwrt-'));
  await succeed(['mount', '-t', 'tmpfs', 'openwrt', work]);
  for (const folder of ['upper', 'work', 'root']) await mkdir(join(work, folder));
  const root = join(work, 'root');
  const layers = `lowerdir=${join(trees, release)},upperdir=${join(work, 'upper')},workdir=${join(work, 'work')}`;
  await succeed(['mount', '-t', 'overlay', 'openwrt', '-o', layers, root]);
  await succeed(['mount', '-t', 'proc', 'proc', join(root, 'proc')]);
  await succeed(['mount', '--rbind', '/dev', join(root, 'dev')]);
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  await share(root, await ground());
  return root;
}

/** Makes a directory visible inside the root, under the same path. */
export async function share(root: string, directory: string): Promise<void> {
  await mkdir(join(root, directory), { recursive: true });
  await succeed(['mount', '--rbind', directory, join(root, directory)]);
}
