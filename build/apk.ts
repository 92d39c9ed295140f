import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { sourceDateEpoch, type PackageInfo } from './package.ts';
import { apkScripts } from './scripts.ts';

/** The program that makes .apk packages: $APK, else `apk` of PATH, if it is apk-tools 3. */
export function findApk(): string | undefined {
  const apk = process.env['APK'] ?? 'apk';
  try {
    const said = execFileSync(apk, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return said.startsWith('apk-tools 3.') ? apk : undefined;
  } catch {
    return undefined;
  }
}

/** The package for OpenWrt 25.12 and later of the tree in `root`, as OpenWrt's include/package-pack.mk makes it. */
export async function buildApk(apk: string, root: string, info: PackageInfo): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), 'apk-'));
  try {
    const tree = join(work, 'root');
    await cp(root, tree, { recursive: true });
    await addFileLists(tree, info);

    const fields = {
      name: info.name,
      version: info.version,
      description: info.title,
      arch: 'noarch',
      license: info.license,
      depends: [...info.depends, ...info.conflicts.map((name) => `!${name}`)].join(' ')
    };
    const options = Object.entries(fields).flatMap(([name, value]) => ['--info', `${name}:${value}`]);
    for (const [name, content] of Object.entries(apkScripts(info))) {
      if (content === '') continue;
      const path = join(work, name);
      await writeFile(path, content, { mode: 0o755 });
      options.push('--script', `${name}:${path}`);
    }
    const output = join(work, 'package.apk');
    asRoot(apk, ['mkpkg', ...options, '--files', tree, '--output', output]);
    return await readFile(output);
  } finally {
    await rm(work, { recursive: true });
  }
}

/** What OpenWrt's shell functions and sysupgrade read, where opkg had a database of its own. */
async function addFileLists(tree: string, info: PackageInfo): Promise<void> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `/${relative(tree, join(entry.parentPath, entry.name))}`);
  const checksums = await Promise.all(
    info.conffiles.map(
      async (path) =>
        `${path} ${createHash('sha256')
          .update(await readFile(tree + path))
          .digest('hex')}`
    )
  );
  const lists = { list: files.sort(), conffiles: info.conffiles, conffiles_static: checksums };
  await mkdir(join(tree, 'lib/apk/packages'), { recursive: true });
  for (const [name, lines] of Object.entries(lists)) {
    if (lines.length === 0) continue;
    await writeFile(join(tree, `lib/apk/packages/${info.name}.${name}`), lines.join('\n') + '\n', {
      mode: 0o644
    });
  }
}

/** apk records the owners as it finds them. */
function asRoot(program: string, args: readonly string[]): void {
  const options = { env: { ...process.env, SOURCE_DATE_EPOCH: String(sourceDateEpoch) } };
  if (process.getuid?.() === 0) execFileSync(program, args, options);
  else execFileSync('unshare', ['--map-root-user', program, ...args], options);
}
