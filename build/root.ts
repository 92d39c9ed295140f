import { appendFile, chmod, cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { renderBootstrap, renderPart, withoutComments } from './bootstrap.ts';
import { joinModules } from './join.ts';
import { buildLuci } from './luci.ts';
import { minifyUcode } from './minify.ts';
import { modulesOf } from './modules.ts';
import { readPackageInfo, repository } from './package.ts';
import { shortenShellNames, withoutBlanks } from './shell-names.ts';

/** Makes `directory` the tree that the package installs, with its modes; whatever it held before is removed. */
export async function buildRoot(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await cp(new URL('files', repository), directory, { recursive: true });
  const { depends } = await readPackageInfo();
  for (const name of await filesIn(directory)) {
    const path = join(directory, name);
    const text = await readFile(path, 'utf8');
    if (name.endsWith('.json')) await writeFile(path, JSON.stringify(JSON.parse(text)));
    else if (isScript(name))
      await writeFile(path, withoutComments(text.replace('@DEPENDS@', depends.join(' '))));
  }
  const libexec = join(directory, 'usr/libexec/tailscale-ram');
  await writeFile(join(libexec, 'bootstrap'), await renderBootstrap(), { mode: 0o755 });
  for (const part of ['checks', 'identity', 'other'] as const)
    await appendFile(join(libexec, 'settings'), (await renderPart(part)).trimStart());
  const write = async (path: string, interpreter: string, folder: string): Promise<void> => {
    const program = joinModules(interpreter, await modulesOf(`src/${folder}`), `${folder}/main.uc`);
    await writeFile(join(directory, path), await minifyUcode(program), { mode: 0o755 });
  };
  await shortenScripts(directory);
  await write('usr/libexec/tailscale-ram/agent', '/usr/bin/ucode', 'agent');
  await write('usr/libexec/tailscale-ram/report', '/usr/bin/ucode', 'report');
  // Without the dashes, ucode would take our options.
  await write('usr/sbin/tailscale-ram', '/usr/bin/ucode --', 'command');
  await buildLuci(directory);
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? 0o755 : await modeOf(path, relative(directory, path)));
  }
}

/** But not what sysupgrade sources, which has names of its own. */
async function shortenScripts(directory: string): Promise<void> {
  const scripts = new Map<string, string>();
  for (const name of await filesIn(directory))
    if (isScript(name) && !name.startsWith('lib/upgrade/'))
      scripts.set(name, await readFile(join(directory, name), 'utf8'));
  for (const [name, text] of shortenShellNames(scripts))
    await writeFile(join(directory, name), withoutBlanks(text));
}

function isScript(name: string): boolean {
  return !/\.json$|^etc\/config\/|\/keep\.d\/|\.uc$/.test(name);
}

/** Their paths from there. */
async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => relative(directory, join(entry.parentPath, entry.name)));
}

/** Git keeps the executable bit alone. A configuration is for root's eyes, whatever people write into it. */
async function modeOf(path: string, name: string): Promise<number> {
  if (name.startsWith('etc/config/')) return 0o600;
  return (await stat(path)).mode & 0o100 ? 0o755 : 0o644;
}
