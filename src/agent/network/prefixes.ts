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

/** The first so many bits of an address; the others are 0. */
function mask(bytes: readonly number[], bits: number): number[] {
  return map(bytes, (byte, i) => byte & (0xff00 >> max(0, min(8, bits - 8 * i))));
}

/** Whether all of `inner` lies in `outer`. */
function holds(outer: Prefix, inner: Prefix): boolean {
  let first = (bytes: number[]): string => join(' ', mask(bytes, outer.bits));
  return (
    length(outer.bytes) == length(inner.bytes) &&
    outer.bits <= inner.bits &&
    first(outer.bytes) == first(inner.bytes)
  );
}

/** Whether they have an address in common. */
function overlaps(a: Prefix, b: Prefix): boolean {
  return holds(a, b) || holds(b, a);
}

/** The network that an address lies in: that of `192.168.1.1/24` is `192.168.1.0/24`. */
function networkOf(prefix: Prefix): string {
  return `${arrtoip(mask(prefix.bytes, prefix.bits)) ?? ''}/${prefix.bits}`;
}

export { holds, mask, networkOf, overlaps, parsePrefix };
export type { Prefix };
