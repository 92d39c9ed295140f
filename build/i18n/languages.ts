import { readFile } from 'node:fs/promises';
import { readPackageInfo, repository, type PackageInfo } from '../package.ts';

/** A language that the pages are translated into. */
export interface Language {
  /** As LuCI names it in files, such as `zh-cn`. */
  code: string;
  /** As its own speakers name it. */
  title: string;
  /** Its translations, from the repository's top. */
  po: string;
  /** The package that brings them. */
  info: PackageInfo;
}

/** The texts without translations, from the repository's top. */
export const template = 'po/templates/tailscale-ram.pot';

/** Those of openwrt/Makefile. */
export async function readLanguages(): Promise<Language[]> {
  const main = await readPackageInfo();
  const makefile = await readFile(new URL('openwrt/Makefile', repository), 'utf8');
  const calls = makefile.matchAll(/^\$\(eval \$\(call Translation,([^,]*),([^,]*),([^,]*)\)\)$/gm);
  return [...calls].map(([, code = '', folder = '', title = '']) => ({
    code,
    title,
    po: `po/${folder}/tailscale-ram.po`,
    info: {
      ...main,
      name: `luci-i18n-tailscale-ram-${code}`,
      title: `${main.name} - ${code} translation`,
      description: `Translation for ${main.name} - ${title}`,
      depends: [main.name],
      conflicts: [],
      conffiles: [],
      postinst: '',
      prerm: '',
      postrm: ''
    }
  }));
}
