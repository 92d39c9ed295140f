import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findApk } from '../../build/apk.ts';
import { downloadRootfs, officialRootfs } from './official-rootfs.ts';
import { findRootfs, noRootfs, type Rootfs } from './rootfs.ts';

export interface Wish {
  /** What `OPENWRT_ROOTFS` names otherwise. */
  path?: string | undefined;
  /** Such as `24.10`. One that is not at hand is downloaded, if it is in `officialRootfs`. */
  release?: string | undefined;
}

export interface Choice {
  /** undefined if none will do. */
  rootfs?: Rootfs;
  /** One line on why it is not what one might expect; empty if it is. */
  note: string;
}

/**
 * The root file system to boot: the newest at hand on which the package can be installed. Throws one line if what
 * is named is no OpenWrt, or a download fails.
 */
export async function chooseRootfs({ path, release }: Wish = {}): Promise<Choice> {
  const ofRelease = (all: Rootfs[]) => all.filter((one) => release === undefined || one.release === release);
  let found = ofRelease(await findRootfs(path));
  // They are for this kind of machine.
  const official = process.arch === 'x64' && release !== undefined ? officialRootfs[release] : undefined;
  if (found.length === 0 && path === undefined && official) {
    await downloadRootfs(official);
    found = ofRelease(await findRootfs());
  }
  const [newest] = found;
  if (!newest)
    return { note: release === undefined ? noRootfs : `no root file system of OpenWrt ${release}` };
  const rootfs = found.find((one) => canTakePackage(one));
  if (rootfs === newest) return { rootfs, note: '' };
  const note = `OpenWrt ${newest.release} needs apk-tools 3 here, as \`apk\` or named by the environment variable APK`;
  return rootfs ? { rootfs, note: `${note}: ${rootfs.release} instead` } : { note };
}

/** Whether this machine can make the package in the form that its package manager takes. */
function canTakePackage({ tree }: Rootfs): boolean {
  return !existsSync(join(tree, 'usr/bin/apk')) || findApk() !== undefined;
}
