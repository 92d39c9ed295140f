/** A member of a tar archive. What is left out is as in Tailscale's archives: a file, owner root. */
export interface Member {
  name: string;
  type?: keyof typeof typeFlags;
  /** Bytes; may lie for archives that are meant to be broken. */
  size?: number;
  mode?: number;
  /** The target of a symbolic or hard link. */
  linkName?: string;
}

/** The 512 bytes in front of a member's content. The time is always the same: archives are reproducible. */
export function ustarHeader({ name, type = 'file', size = 0, mode = 0o755, linkName = '' }: Member): Buffer {
  const header = Buffer.alloc(blockSize);
  if (name.length > 100 || linkName.length > 100) throw new Error(`${name} is too long for ustar`);
  header.write(name, 0);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(modified, 12), 136);
  header.write(typeFlags[type], 156);
  header.write(linkName, 157);
  header.write('ustar\x0000', 257);
  header.write('root', 265);
  header.write('root', 297);
  header.write(octal(type === 'device' ? 1 : 0, 8), 329);
  header.write(octal(type === 'device' ? 3 : 0, 8), 337);
  header.write(' '.repeat(8), 148);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${octal(checksum, 7)}\0 `, 148);
  return header;
}

/** The zeros between a content of `size` bytes and the next header. */
export function padding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** What ends a tar archive. */
export function endOfArchive(): Buffer {
  return Buffer.alloc(2 * blockSize);
}

const blockSize = 512;
const modified = Date.UTC(2026, 0, 1) / 1000;

const typeFlags = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  /** A character device: /dev/null. */
  device: '3',
  directory: '5',
  fifo: '6',
  pax: 'x'
} as const;

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width - 1, '0');
}
