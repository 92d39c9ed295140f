import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository, type PackageInfo } from './package.ts';
import { gzip, tar } from './tar.ts';

/**
 * A feed for OpenWrt's SDK, as a .tar.gz: openwrt/Makefile and, where it looks for it, what it installs; that of the
 * languages is in `translations`, a folder for each.
 */
export async function buildFeed(root: string, info: PackageInfo, translations?: string): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), 'feed-'));
  try {
    const name = `${info.name}-${info.version}`;
    const feed = join(work, name);
    for (const directory of [feed, join(feed, 'openwrt'), join(feed, 'dist')])
      await mkdir(directory, { mode: 0o755 });
    for (const file of ['LICENSE', 'package.json', 'openwrt/Makefile']) {
      await cp(new URL(file, repository), join(feed, file));
      await chmod(join(feed, file), 0o644);
    }
    await nameConffiles(join(feed, 'openwrt/Makefile'), info.conffiles);
    await cp(root, join(feed, 'dist/root'), { recursive: true });
    if (translations !== undefined) await cp(translations, join(feed, 'dist/i18n'), { recursive: true });
    return gzip(tar(work, [name]));
  } finally {
    await rm(work, { recursive: true });
  }
}

/** A mirror's key that is built in belongs to the user, too. */
async function nameConffiles(makefile: string, paths: readonly string[]): Promise<void> {
  const text = await readFile(makefile, 'utf8');
  const lines = paths.map((path) => `${path}\n`).join('');
  await writeFile(makefile, text.replace(/(?<=\/conffiles\n)[^]*?(?=endef)/, lines));
}
