import { execFileSync } from 'node:child_process';
import { sourceDateEpoch } from './package.ts';

/**
 * An ustar archive of `names` in `directory` and all below them: root's by number alone, sorted, of one date. opkg cannot read
 * the newer pax format.
 */
export function tar(directory: string, names: readonly string[] = ['.']): Buffer {
  const options = ['--format=ustar', '--sort=name', '--owner=0', '--group=0', '--numeric-owner'];
  return execFileSync(
    'tar',
    [...options, `--mtime=@${sourceDateEpoch}`, '-C', directory, '-cf', '-', ...names],
    {
      maxBuffer: 1 << 30
    }
  );
}

/** By the program: what Node's zlib makes of the same bytes depends on the processor. */
export function gzip(bytes: Buffer): Buffer {
  return execFileSync('gzip', ['-9', '-n'], { input: bytes, maxBuffer: 1 << 30 });
}
