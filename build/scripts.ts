import type { PackageInfo } from './package.ts';

/** The scripts that OpenWrt's build system generates for every package (include/package-pack.mk). */
export const ipkScripts = {
  postinst: `#!/bin/sh
[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s "\${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
. \${IPKG_INSTROOT}/lib/functions.sh
default_postinst $0 $@
`,
  prerm: `#!/bin/sh
[ -s "\${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
. \${IPKG_INSTROOT}/lib/functions.sh
default_prerm $0 $@
`
};

/** The same for apk, which runs them without saying for which package. */
export function apkScripts(info: PackageInfo): Record<string, string> {
  const functions = `[ -s "\${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
. \${IPKG_INSTROOT}/lib/functions.sh
export root="\${IPKG_INSTROOT}"
export pkgname="${info.name}"
`;
  const postInstall = `[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0
${functions}add_group_and_user
default_postinst
${info.postinst}`;
  return {
    'post-install': `#!/bin/sh\n${postInstall}`,
    'post-upgrade': `#!/bin/sh\nexport PKG_UPGRADE=1\n${postInstall}`,
    'pre-deinstall': `#!/bin/sh\n${functions}default_prerm\n${info.prerm}`,
    'post-deinstall': info.postrm
  };
}
