import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findApk } from '../../build/apk.ts';
import { readPackageInfo } from '../../build/package.ts';
import type { Rootfs } from './rootfs.ts';

/** Why our package cannot be installed on a root file system from here, and what to do, in one line; else undefined. */
export async function whyUnusable({ release, tree }: Rootfs): Promise<string | undefined> {
  const missing = await missingPackages(tree);
  if (missing.length > 0)
    return (
      `OpenWrt ${release} lacks ${missing.join(', ')}, and there is no feed here: let its ImageBuilder make one ` +
      `(make image PACKAGES='luci ${missing.join(' ')}') and put that rootfs.tar.gz into ~/.cache/tailscale-ram/rootfs`
    );
  if (existsSync(join(tree, 'usr/bin/apk')) && findApk() === undefined)
    return `OpenWrt ${release} needs apk-tools 3 here, as \`apk\` or named by the environment variable APK`;
  return undefined;
}

/** Of what our package depends on; none if the tree has no package manager's books. */
async function missingPackages(tree: string): Promise<string[]> {
  const books = ['usr/lib/opkg/status', 'lib/apk/db/installed'].map((name) =>
    readFile(join(tree, name), 'utf8').catch(() => '')
  );
  const text = (await Promise.all(books)).join('');
  if (text === '') return [];
  const lines = [...text.matchAll(/^(?:Package|Provides|P|p): ?(.*)$/gm)].map(([, names = '']) => names);
  const installed = new Set(lines.flatMap((names) => names.split(/[ ,]+/)).map((name) => name.split('=')[0]));
  return (await readPackageInfo()).depends.filter((name) => !installed.has(name));
}
