import { open } from 'node:fs/promises';

/**
 * How many bytes of a file the bootstrap keeps in RAM: an ELF file (32 or 64 bits, either byte order) up to
 * the end of its last PT_LOAD segment, anything else whole. The tests' reference for what the shell computes.
 */
export async function keptSize(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(1024);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return Math.min(endOfLoadSegments(head.subarray(0, bytesRead)) ?? size, size);
  } finally {
    await file.close();
  }
}

/** The end of the last PT_LOAD segment in bytes; `undefined` where `head` is not the start of a program. */
function endOfLoadSegments(head: Buffer): number | undefined {
  if (head.length < 64 || head.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  const wide = head[4] === 2;
  const bigEndian = head[5] === 2;
  const half = (at: number) => (bigEndian ? head.readUInt16BE(at) : head.readUInt16LE(at));
  const word = (at: number) => (bigEndian ? head.readUInt32BE(at) : head.readUInt32LE(at));
  const long = (at: number) => Number(bigEndian ? head.readBigUInt64BE(at) : head.readBigUInt64LE(at));

  const tableAt = wide ? long(32) : word(28);
  const entrySize = half(wide ? 54 : 42);
  const entries = half(wide ? 56 : 44);
  if (tableAt + entries * entrySize > head.length) return undefined;
  const segments = Array.from({ length: entries }, (_, i) => tableAt + i * entrySize);
  const ends = segments
    .filter((at) => word(at) === loadSegment)
    .map((at) => (wide ? long(at + 8) + long(at + 32) : word(at + 4) + word(at + 16)));
  return ends.length > 0 ? Math.max(...ends) : undefined;
}

const loadSegment = 1;
