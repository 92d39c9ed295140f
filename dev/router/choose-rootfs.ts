import { downloadRootfs, officialRootfs } from './official-rootfs.ts';
import { whyUnusable } from './requirements.ts';
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
  const problems = await Promise.all(found.map(whyUnusable));
  const rootfs = found.find((_, index) => problems[index] === undefined);
  const [note = ''] = problems;
  if (!rootfs) return { note };
  return { rootfs, note: rootfs === newest ? '' : `${note}; ${rootfs.release} instead` };
}
