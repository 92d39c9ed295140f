/** Addresses with the length of their network, such as `192.168.1.1/24` and `fd00::1/64`. */

interface Prefix {
  /** Four or sixteen. */
  bytes: number[];
  bits: number;
}

/** Null for what is no address with a length. */
function parsePrefix(text: string): Prefix | null {
  let parts = split(text, '/');
  let bytes = iptoarr(parts[0] as string);
  let bits = int(parts[1]);
  return bytes && bits >= 0 && bits <= 8 * length(bytes) ? { bytes, bits } : null;
}

/** Whether the first so many bits are the same. Of many, most differ in the first byte. */
function startAlike(a: Prefix, b: Prefix, bits: number): boolean {
  for (let i = 0, left = bits; left > 0; i++, left -= 8)
    if (((a.bytes[i] as number) ^ (b.bytes[i] as number)) >> max(0, 8 - left)) return false;
  return length(a.bytes) == length(b.bytes);
}

/** Whether all of `inner` lies in `outer`. */
function holds(outer: Prefix, inner: Prefix): boolean {
  return outer.bits <= inner.bits && startAlike(outer, inner, outer.bits);
}

/** Whether they have an address in common. */
function overlaps(a: Prefix, b: Prefix): boolean {
  return startAlike(a, b, min(a.bits, b.bits));
}

/** The network that an address lies in: that of `192.168.1.1/24` is `192.168.1.0/24`. */
function networkOf(prefix: Prefix): string {
  let bits = prefix.bits;
  let bytes = map(prefix.bytes, (byte, i) => byte & (0xff00 >> max(0, min(8, bits - 8 * i))));
  return `${arrtoip(bytes) as string}/${bits}`;
}

export { holds, networkOf, overlaps, parsePrefix };
export type { Prefix };
