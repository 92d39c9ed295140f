import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The programs that tests and development use, and the Debian package of each. */
const packages = {
  busybox: 'busybox',
  chromium: 'chromium',
  dash: 'dash',
  dnsmasq: 'dnsmasq-base',
  flock: 'util-linux',
  hexdump: 'bsdextrautils',
  ip: 'iproute2',
  'mkfs.ext4': 'e2fsprogs',
  mksquashfs: 'squashfs-tools',
  nft: 'nftables',
  ping: 'iputils-ping',
  'qemu-mipsel': 'qemu-user',
  shellcheck: 'shellcheck',
  shfmt: 'shfmt',
  'signify-openbsd': 'signify-openbsd',
  strace: 'strace',
  tini: 'tini',
  unshare: 'util-linux',
  wget: 'wget'
} as const;

export type ProgramName = keyof typeof packages;

/**
 * Installs what is missing of `names`, where this is Debian and we are root, and returns what is still
 * missing then. Never throws.
 */
export async function ensurePrograms(names: readonly ProgramName[]): Promise<ProgramName[]> {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0 || process.getuid?.() !== 0 || !isInstalled('apt-get')) return missing;

  const wanted = [...new Set(missing.map((name) => packages[name]))];
  console.error(`Installing the Debian packages ${wanted.join(', ')} …`);
  await aptGet('update');
  await aptGet('install', '--yes', '--no-install-recommends', ...wanted);
  return missing.filter((name) => !isInstalled(name));
}

export function isInstalled(program: string): boolean {
  return findProgram(program) !== undefined;
}

/** Where a program is; undefined if it is not installed. */
export function findProgram(program: string): string | undefined {
  // A user's PATH often lacks the sbin folders, where nft and dnsmasq are.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const paths = folders.map((folder) => join(folder, program));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A failure shows in what is missing afterwards. */
async function aptGet(...args: string[]): Promise<void> {
  const settings = ['DPkg::Lock::Timeout=120', 'Acquire::http::Timeout=20', 'Acquire::Retries=1'];
  const options = ['-qq', ...settings.flatMap((setting) => ['-o', setting])];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await promisify(execFile)('apt-get', [...options, ...args], { env }).catch(() => undefined);
}
