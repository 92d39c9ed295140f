/** Addresses with the length of their network, such as `192.168.1.1/24` and `fd00::1/64`. */

interface Prefix {
  /** Four or sixteen. */
  bytes: number[];
  bits: number;
}

/** Null for what is no address with a length. */
function parsePrefix(text: string): Prefix | null {
  let parts = split(text, '/');
  let bytes = iptoarr(parts[0] ?? '');
  let bits = int(parts[1] ?? '');
  return bytes && length(parts) == 2 && bits >= 0 && bits <= 8 * length(bytes) ? { bytes, bits } : null;
}

/** Whether the first so many bits are the same. */
function begins(a: number[], b: number[], bits: number): boolean {
  for (let i = 0; bits > 0; i++, bits -= 8) {
    let mask = bits >= 8 ? 255 : 255 & (255 << (8 - bits));
    if (((a[i] ?? 0) & mask) != ((b[i] ?? 0) & mask)) return false;
  }
  return true;
}

/** Whether all of `inner` lies in `outer`. */
function holds(outer: Prefix, inner: Prefix): boolean {
  return (
    length(outer.bytes) == length(inner.bytes) &&
    outer.bits <= inner.bits &&
    begins(outer.bytes, inner.bytes, outer.bits)
  );
}

/** Whether they have an address in common. */
function overlaps(a: Prefix, b: Prefix): boolean {
  return holds(a, b) || holds(b, a);
}

/** The network that an address lies in: that of `192.168.1.1/24` is `192.168.1.0/24`. */
function networkOf(prefix: Prefix): string {
  let bytes = map(prefix.bytes, (byte, i) => {
    let left = prefix.bits - 8 * i;
    return left >= 8 ? byte : left <= 0 ? 0 : byte & (255 << (8 - left));
  });
  return `${arrtoip(bytes) ?? ''}/${prefix.bits}`;
}

export { holds, networkOf, overlaps, parsePrefix };
export type { Prefix };
