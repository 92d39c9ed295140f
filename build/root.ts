import { chmod, cp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { renderBootstrap } from './bootstrap.ts';
import { repository } from './package.ts';

/** Makes `directory` the tree that the package installs, with its modes; whatever it held before is removed. */
export async function buildRoot(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await cp(new URL('files', repository), directory, { recursive: true });
  await writeFile(join(directory, 'usr/libexec/tailscale-ram/bootstrap'), await renderBootstrap(), {
    mode: 0o755
  });
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? 0o755 : await modeOf(path, relative(directory, path)));
  }
}

/** Git keeps the executable bit alone. A configuration is for root's eyes, whatever people write into it. */
async function modeOf(path: string, name: string): Promise<number> {
  if (name.startsWith('etc/config/')) return 0o600;
  return (await stat(path)).mode & 0o100 ? 0o755 : 0o644;
}
