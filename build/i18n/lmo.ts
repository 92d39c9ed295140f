import { keyOf } from './extract.ts';
import type { Po } from './po.ts';

/**
 * A catalogue as LuCI reads it, the same bytes as its po2lmo makes: all translations, each filled up with zeros to
 * a multiple of four bytes; an index, sorted by the hashes of the texts; and where the index begins.
 */
export function renderLmo(po: Po): Buffer {
  const values: Buffer[] = [];
  const index: { hash: number; kind: number; offset: number; length: number }[] = [];
  let offset = 0;
  const add = (hash: number, kind: number, text: string): void => {
    const value = Buffer.from(text);
    const padded = Buffer.alloc(Math.ceil(value.length / 4) * 4);
    value.copy(padded);
    values.push(padded);
    index.push({ hash, kind, offset, length: value.length });
    offset += padded.length;
  };

  const [, plurals] = /^Plural-Forms: (.*)\n/im.exec(po.header) ?? [];
  if (plurals !== undefined) add(0, 0, plurals);
  for (const entry of po.entries) {
    const hash = hashOf(escape(keyOf(entry)));
    const text = escape(entry.translation);
    if (text !== '' && hashOf(text) !== hash) add(hash, 1, text);
  }
  // LuCI would read beyond its end.
  if (index.length === 0) throw new Error('there is nothing in the catalogue');

  index.sort((a, b) => a.hash - b.hash);
  const numbers = index.flatMap(({ hash, kind, offset, length }) => [hash, kind, offset, length]);
  return Buffer.concat([...values, ...[...numbers, offset].map(bigEndian)]);
}

/**
 * Paul Hsieh's SuperFastHash (http://www.azillionmonkeys.com/qed/hash.html) of a text in UTF-8, as LuCI has it: it
 * begins with the length, and takes a byte that is left over as one with a sign.
 */
export function hashOf(text: string): number {
  const bytes = Buffer.from(text);
  let hash = bytes.length;
  const rest = bytes.length & ~3;
  for (let at = 0; at < rest; at += 4) {
    hash += bytes.readUInt16LE(at);
    hash = (hash << 16) ^ (bytes.readUInt16LE(at + 2) << 11) ^ hash;
    hash += hash >>> 11;
  }

  const left = bytes.length - rest;
  if (left > 1) hash += bytes.readUInt16LE(rest);
  if (left === 3) {
    hash ^= hash << 16;
    hash ^= bytes.readInt8(rest + 2) << 18;
    hash += hash >>> 11;
  } else if (left === 2) {
    hash ^= hash << 11;
    hash += hash >>> 17;
  } else if (left === 1) {
    hash += bytes.readInt8(rest);
    hash ^= hash << 10;
    hash += hash >>> 1;
  }

  hash ^= hash << 3;
  hash += hash >>> 5;
  hash ^= hash << 4;
  hash += hash >>> 17;
  hash ^= hash << 25;
  hash += hash >>> 6;
  return bytes.length === 0 ? 0 : hash >>> 0;
}

/** po2lmo leaves these two as they are written in its source. */
function escape(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
