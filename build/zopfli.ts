import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { repository } from './package.ts';

const program = new URL('zopfli.mjs', import.meta.url);
/** Of some 50 KB. */
const keptFiles = 50;

/**
 * As small as gzip's format can be, by zopfli: 4 % less than `gzip -9`, and the same bytes on every machine. That takes
 * two seconds, so `dist/zopfli/` keeps what was made last.
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

function forgetOldest(folder: URL): void {
  const files = readdirSync(folder).map((name) => {
    const file = new URL(name, folder);
    return { file, time: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
  });
  files.sort((a, b) => b.time - a.time);
  for (const { file } of files.slice(keptFiles)) rmSync(file, { force: true });
}
