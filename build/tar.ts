import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { repository, sourceDateEpoch } from './package.ts';

/**
 * An ustar archive of `names` in `directory` and all below them: root's, sorted, of one date. opkg cannot read
 * the newer pax format.
 */
export function tar(directory: string, names: readonly string[] = ['.']): Buffer {
  const options = ['--format=ustar', '--sort=name', '--owner=root:0', '--group=root:0'];
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

const zopfli = `
  const { gzipAsync } = require('@gfx/zopfli');
  const chunks = [];
  process.stdin.on('data', (chunk) => chunks.push(chunk));
  process.stdin.on('end', async () => {
    process.stdout.write(await gzipAsync(Buffer.concat(chunks), { numiterations: 15 }));
  });
`;

/**
 * The same format a twentieth smaller, for which it takes a second or two. In a process of its own, because that
 * library wants to hear of every error that nobody catches.
 */
export function gzipSmall(bytes: Buffer): Buffer {
  const cwd = fileURLToPath(repository);
  return execFileSync(process.execPath, ['-e', zopfli], { input: bytes, maxBuffer: 1 << 30, cwd });
}
