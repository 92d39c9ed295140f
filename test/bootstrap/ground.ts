import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderBootstrap } from '../../build/bootstrap.ts';
import { shortenShellNames, withoutBlanks } from '../../build/shell-names.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { openwrtApplets } from './applets.ts';

/**
 * What the sandboxes of this process share: most of their cases take less time than making this for each would.
 * Mounts end with the test's mount namespace.
 */

/** A folder in RAM, for the sandboxes' own. */
export const ground = once(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'routers-'));
  await succeed(['mount', '-t', 'tmpfs', '-o', 'size=2g', 'routers', folder]);
  return folder;
});

/** A folder with what a router has in PATH, and nothing else. */
export const appletsFolder = once(async () => {
  const folder = join(await ground(), 'applets');
  await mkdir(folder);
  const available = new Set((await succeed(['busybox', '--list'])).split('\n'));
  for (const name of openwrtApplets) {
    // Debian's busybox lacks flock.
    const program = available.has(name) ? '/usr/bin/busybox' : `/usr/bin/${name}`;
    if (existsSync(program)) await symlink(program, join(folder, name));
  }
  return folder;
});

/** The bootstrap as built. */
export const bootstrapScript = once(async () => {
  const built = shortenShellNames(new Map([['bootstrap', await renderBootstrap()]]));
  return withoutBlanks(built.get('bootstrap') ?? '');
});

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
