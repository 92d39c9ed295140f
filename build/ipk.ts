import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceDateEpoch, type PackageInfo } from './package.ts';
import { ipkScripts } from './scripts.ts';
import { gzip, tar } from './tar.ts';

/** The package for OpenWrt 24.10 (opkg) of the tree in `root`, laid out as OpenWrt's scripts/ipkg-build does. */
export async function buildIpk(root: string, info: PackageInfo): Promise<Buffer> {
  const work = await mkdtemp(join(tmpdir(), 'ipk-'));
  try {
    const data = tar(root);
    const control = join(work, 'control');
    await mkdir(control, { mode: 0o755 });
    const script = { mode: 0o755 };
    await writeFile(join(control, 'control'), controlFile(info, data.length), { mode: 0o644 });
    await writeFile(join(control, 'conffiles'), info.conffiles.join('\n') + '\n', { mode: 0o644 });
    await writeFile(join(control, 'postinst'), ipkScripts.postinst, script);
    await writeFile(join(control, 'postinst-pkg'), info.postinst, script);
    await writeFile(join(control, 'prerm'), ipkScripts.prerm, script);
    await writeFile(join(control, 'prerm-pkg'), info.prerm, script);
    await writeFile(join(control, 'postrm'), info.postrm, script);

    await writeFile(join(work, 'debian-binary'), '2.0\n');
    await writeFile(join(work, 'data.tar.gz'), gzip(data));
    await writeFile(join(work, 'control.tar.gz'), gzip(tar(control)));
    return gzip(tar(work, ['./debian-binary', './data.tar.gz', './control.tar.gz']));
  } finally {
    await rm(work, { recursive: true });
  }
}

/** `installedSize`: bytes of the uncompressed archive of files. Without conflicts: openwrt/Makefile tells why. */
function controlFile(info: PackageInfo, installedSize: number): string {
  const fields = {
    Package: info.name,
    Version: info.version,
    Depends: info.depends.join(', '),
    License: info.license,
    Section: 'luci',
    SourceDateEpoch: sourceDateEpoch,
    Architecture: 'all',
    'Installed-Size': installedSize,
    Description: info.description
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}
