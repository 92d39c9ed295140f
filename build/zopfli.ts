import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { repository } from './package.ts';
import { gzip } from './tar.ts';

const program = new URL('zopfli.mjs', import.meta.url);
/** Of some 50 KB. */
const keptFiles = 50;

/**
 * As small as gzip's format can be, by zopfli: 4 % less than `gzip -9`, and the same bytes on every machine. That takes
 * six seconds, so `dist/zopfli/` keeps what was made last.
 */
export function zopfli(bytes: Buffer): Buffer {
  const folder = new URL('dist/zopfli/', repository);
  const hash = createHash('sha256');
  for (const part of [readFileSync(new URL('package-lock.json', repository)), readFileSync(program), bytes])
    hash.update(part);
  const name = hash.digest('hex');
  const kept = new URL(name, folder);
  try {
    return readFileSync(kept);
  } catch {
    // Not made before.
  }
  const made = execFileSync(process.execPath, [fileURLToPath(program)], { input: bytes, maxBuffer: 1 << 30 });
  mkdirSync(folder, { recursive: true });
  // Whole or not at all: several may build at once.
  const written = new URL(`${name}.${process.pid}`, folder);
  writeFileSync(written, made);
  renameSync(written, kept);
  forgetOldest(folder);
  return made;
}

/** Of each file of gzip's: what comes before the stream, and after it. */
const [header, trailer] = [10, 8];

/**
 * The same of an archive that holds `packed`, which is compressed already: that stands in it as it is, which zopfli does
 * not think of.
 */
export function zopfliAround(bytes: Buffer, packed: Buffer): Buffer {
  const at = bytes.indexOf(packed);
  const parts = [bytes.subarray(0, at), bytes.subarray(at + packed.length)].map(zopfli);
  const [before, after] = parts.map((part) => part.subarray(header, -trailer)) as [Buffer, Buffer];
  // A block's first bit says whether it is the last one. No more than 64 KB are stored in one.
  if (before[0] === undefined || !(before[0] & 1)) throw new Error('more than one block');
  before[0] &= ~1;
  const stored: Buffer[] = [];
  for (let from = 0; from < packed.length; from += 0xffff) {
    const block = packed.subarray(from, from + 0xffff);
    const length = Buffer.alloc(from === 0 ? 4 : 5);
    length.writeUInt16LE(block.length, length.length - 4);
    length.writeUInt16LE(block.length ^ 0xffff, length.length - 2);
    stored.push(length, block);
  }
  // The three bits of the first one that is stored, zeros, may be in what the last byte before it has left, or not.
  for (const bits of [Buffer.alloc(0), Buffer.alloc(1)]) {
    const stream = Buffer.concat([before, bits, ...stored, after]);
    try {
      if (!inflateRawSync(stream).equals(bytes)) continue;
    } catch {
      continue;
    }
    return Buffer.concat([(parts[0] ?? stream).subarray(0, header), stream, gzip(bytes).subarray(-trailer)]);
  }
  throw new Error('the stream cannot be read');
}

function forgetOldest(folder: URL): void {
  const files = readdirSync(folder).map((name) => {
    const file = new URL(name, folder);
    return { file, time: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  files.sort((a, b) => b.time - a.time);
  for (const { file } of files.slice(keptFiles)) rmSync(file, { force: true });
}
