import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { renderBootstrap, renderPart, withoutComments } from './bootstrap.ts';
import { modulesOf } from './modules.ts';
import { readPackageInfo, repository } from './package.ts';
import type { UcodeModule } from './ucode.ts';

/** Makes `directory` the tree that the package installs, with its modes; whatever it held before is removed. */
export async function buildRoot(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await cp(new URL('files', repository), directory, { recursive: true });
  const libexec = join(directory, 'usr/libexec/tailscale-ram');
  const scripts = ['etc/init.d/tailscale-ram', 'lib/upgrade/tailscale-ram.sh'].map((name) =>
    join(directory, name)
  );
  scripts.push(...(await readdir(libexec)).map((name) => join(libexec, name)));
  const { depends } = await readPackageInfo();
  for (const path of scripts) {
    const script = await readFile(path, 'utf8');
    await writeFile(path, withoutComments(script.replace('@DEPENDS@', depends.join(' '))));
  }
  await writeFile(join(libexec, 'bootstrap'), await renderBootstrap(), { mode: 0o755 });
  await writeFile(join(libexec, 'find-other'), await renderPart('other'));
  for (const { name, text } of await modulesOf('src/agent')) {
    const path = join(directory, 'usr/share/ucode/tailscale-ram', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  const command = joinModules(await modulesOf('src/command'));
  // Without the dashes, ucode would take our options.
  await writeFile(join(directory, 'usr/sbin/tailscale-ram'), `#!/usr/bin/ucode --${command}`, {
    mode: 0o755
  });
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? 0o755 : await modeOf(path, relative(directory, path)));
  }
}

/** One program of the first of these modules and the others. Its lines keep their numbers: the first is a comment. */
function joinModules([main, ...others]: readonly UcodeModule[]): string {
  const blocks = others.map(({ text }) => `{${text.replaceAll('\n', ' ')}}`).join('');
  return (main?.text ?? '').replace('\n', () => `\n${blocks}`).replace(/^import'[.].*';$/gm, '');
}

/** Git keeps the executable bit alone. A configuration is for root's eyes, whatever people write into it. */
async function modeOf(path: string, name: string): Promise<number> {
  if (name.startsWith('etc/config/')) return 0o600;
  return (await stat(path)).mode & 0o100 ? 0o755 : 0o644;
}
