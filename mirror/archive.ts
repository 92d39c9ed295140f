import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { endOfArchive, padding, ustarHeader } from '../dev/mirror/ustar.ts';

/**
 * Packs one file as `member` into a tar.gz at `target`: the same content makes the same bytes. By the gzip program,
 * because what Node's zlib makes of it depends on the processor.
 */
export async function packArchive(content: string, member: string, target: string): Promise<void> {
  const gzip = spawn('gzip', ['-9', '-n'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(gzip, 'close');
  await Promise.all([
    pipeline(Readable.from(tarOf(content, member)), gzip.stdin),
    pipeline(gzip.stdout, createWriteStream(target))
  ]);
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`${target} could not be packed: gzip ended with ${code ?? 'a signal'}`);
}

/** 64 hexadecimal digits. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function* tarOf(content: string, member: string): AsyncGenerator<Buffer> {
  const { size } = await stat(content);
  yield ustarHeader({ name: member, size });
  yield* createReadStream(content) as AsyncIterable<Buffer>;
  yield padding(size);
  yield endOfArchive();
}
