import { readFile } from 'node:fs/promises';

/** What the package managers are told. */
export interface PackageInfo {
  name: string;
  version: string;
  license: string;
  title: string;
  description: string;
  depends: string[];
  conflicts: string[];
  /** Absolute paths of files that belong to the user once they are installed. */
  conffiles: string[];
  /** A shell script that OpenWrt's own sources after the installation: for opkg before it starts the services. */
  postinst: string;
  /** Likewise before the removal: for opkg before it stops the services. */
  prerm: string;
  /** A shell script for after the removal. */
  postrm: string;
}

/** The repository, with a slash at its end. */
export const repository = new URL('../', import.meta.url);

/** The date of everything in the packages, so that the same sources make the same bytes: 2026-01-01. */
export const sourceDateEpoch = 1767225600;

/** The version is package.json's, all else openwrt/Makefile's, which OpenWrt's own build system reads. */
export async function readPackageInfo(): Promise<PackageInfo> {
  const { version } = JSON.parse(await readFile(new URL('package.json', repository), 'utf8')) as {
    version: string;
  };
  const makefile = await readFile(new URL('openwrt/Makefile', repository), 'utf8');

  const value = (name: string): string => found(name, new RegExp(`^ *${name}:=(.*)$`, 'm'));
  const text = (name: string): string =>
    found(name, new RegExp(`^define Package/[^/\\n]+/${name}\\n([^]*?\\n)endef$`, 'm')).replaceAll('$$', '$');
  const found = (name: string, pattern: RegExp): string => {
    const match = pattern.exec(makefile)?.[1];
    if (match === undefined) throw new Error(`openwrt/Makefile has no ${name}`);
    return match;
  };

  return {
    name: value('PKG_NAME'),
    version,
    license: value('PKG_LICENSE'),
    title: value('TITLE'),
    description: text('description').trim(),
    depends: value('DEPENDS').replaceAll('+', '').split(' '),
    conflicts: value('CONFLICTS').split(' '),
    conffiles: text('conffiles').trim().split('\n'),
    postinst: text('postinst'),
    prerm: text('prerm'),
    postrm: text('postrm')
  };
}
