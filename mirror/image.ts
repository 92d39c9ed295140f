import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sourceDateEpoch } from '../build/package.ts';

/**
 * Makes a squashfs image at `target`, which a kernel mounts and unpacks as it is read: the binary as `tailscaled`,
 * and a link `tailscale` to it. The same binary makes the same bytes. Needs mksquashfs.
 */
export async function makeImage(binary: string, target: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    const root = join(folder, 'root');
    await mkdir(root, { mode: 0o755 });
    await copyFile(binary, join(root, 'tailscaled'));
    await chmod(join(root, 'tailscaled'), 0o755);
    await symlink('tailscaled', join(root, 'tailscale'));
    // Not by SOURCE_DATE_EPOCH, which mksquashfs takes only in place of these.
    const env = { ...process.env, SOURCE_DATE_EPOCH: undefined };
    await promisify(execFile)('mksquashfs', [root, target, ...compression, ...reproducible], { env });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * What OpenWrt's kernels unpack, in small blocks: 256 KB pack a sixth better, but each page that is missing takes that
 * much memory and time, and where memory is short the same is unpacked again and again.
 */
const compression = ['-comp', 'xz', '-b', '16K'];

const reproducible = [
  '-noappend',
  '-no-progress',
  '-quiet',
  '-all-root',
  '-root-mode',
  '0755',
  '-no-xattrs',
  '-no-exports',
  '-mkfs-time',
  `${sourceDateEpoch}`,
  '-all-time',
  `${sourceDateEpoch}`
];
