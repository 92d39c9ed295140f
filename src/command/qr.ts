/** QR codes of short texts as a terminal can draw them: ISO/IEC 18004, bytes, error correction L, mask 0. */

/** Of each version up to 6: all codewords, and those that correct errors in a block. */
const TOTAL = [0, 26, 44, 70, 100, 134, 172];
const CORRECTING = [0, 7, 10, 15, 20, 26, 18];
/** Correction L and mask 0, with their own correction. */
const FORMAT = 0x77c4;
const BORDER = 2;

/** A product in GF(256). */
function multiply(a: number, b: number): number {
  let product = 0;
  for (; b > 0; b >>= 1) {
    if (b & 1) product ^= a;
    a <<= 1;
    if (a & 256) a ^= 0x11d;
  }
  return product;
}

/** The codewords that correct errors in these. */
function correct(data: readonly number[], degree: number): number[] {
  let divisor: number[] = [];
  let rest: number[] = [];
  for (let i = 0; i < degree; i++) {
    push(divisor, i == degree - 1 ? 1 : 0);
    push(rest, 0);
  }
  let root = 1;
  for (let i = 0; i < degree; i++) {
    for (let j = 0; j < degree; j++) divisor[j] = multiply(divisor[j] ?? 0, root) ^ (divisor[j + 1] ?? 0);
    root = multiply(root, 2);
  }
  map(data, (codeword) => {
    let factor = codeword ^ (shift(rest) ?? 0);
    push(rest, 0);
    for (let i = 0; i < degree; i++) rest[i] = (rest[i] ?? 0) ^ multiply(divisor[i] ?? 0, factor);
  });
  return rest;
}

/** How many codewords a version has for a text, with its mode and length. */
function capacity(version: number): number {
  return (TOTAL[version] ?? 0) - (version == 6 ? 2 : 1) * (CORRECTING[version] ?? 0);
}

/** The codewords of a text in their final order. */
function encode(text: string, version: number): number[] {
  let degree = CORRECTING[version] ?? 0;
  let blocks = version == 6 ? 2 : 1;
  let room = capacity(version);
  // The mode and the length are a byte and a half, and half a byte of zeros ends the text.
  let data = [64 | (length(text) >> 4), ((length(text) & 15) << 4) | ((ord(text) ?? 0) >> 4)];
  for (let i = 0; i < length(text); i++)
    push(data, (((ord(text, i) ?? 0) & 15) << 4) | ((ord(text, i + 1) ?? 0) >> 4));
  for (let i = 0; length(data) < room; i++) push(data, i % 2 ? 17 : 236);

  let each = int(room / blocks);
  let corrections = [correct(slice(data, 0, each), degree), correct(slice(data, each), degree)];
  let codewords: number[] = [];
  for (let i = 0; i < each; i++)
    for (let block = 0; block < blocks; block++) push(codewords, data[block * each + i] ?? 0);
  for (let i = 0; i < degree; i++)
    for (let block = 0; block < blocks; block++) push(codewords, corrections[block]?.[i] ?? 0);
  return codewords;
}

/** Rows of dark modules, and light ones. */
function matrixOf(text: string, version: number): boolean[][] {
  let size = 4 * version + 17;
  let rows: (boolean | null)[][] = [];
  for (let y = 0; y < size; y++) push(rows, []);
  let put = (x: number, y: number, dark: boolean): void => {
    let row = y < 0 ? null : rows[y];
    if (row && x >= 0 && x < size) row[x] = dark;
  };
  /** Rings around a middle: this one is light, and so is a finder's outermost. */
  let target = (middle_x: number, middle_y: number, radius: number, light: number): void => {
    for (let x = -radius; x <= radius; x++)
      for (let y = -radius; y <= radius; y++) {
        let ring = max(x, -x, y, -y);
        put(middle_x + x, middle_y + y, ring != light && ring != 4);
      }
  };
  for (let i = 8; i < size - 8; i++) {
    put(i, 6, i % 2 == 0);
    put(6, i, i % 2 == 0);
  }
  target(3, 3, 4, 2);
  target(size - 4, 3, 4, 2);
  target(3, size - 4, 4, 2);
  if (version > 1) target(size - 7, size - 7, 2, 1);
  for (let i = 0; i < 15; i++) {
    let bit = ((FORMAT >> i) & 1) == 1;
    if (i < 8) {
      put(8, i < 6 ? i : i + 1, bit);
      put(size - 1 - i, 8, bit);
    } else {
      put(i == 8 ? 7 : 14 - i, 8, bit);
      put(8, size - 15 + i, bit);
    }
  }
  put(8, size - 8, true);

  let codewords = encode(text, version);
  let i = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    // The column of the timing pattern does not count.
    if (right == 6) right = 5;
    for (let step = 0; step < size; step++)
      for (let x = right; x > right - 2; x--) {
        let y = (right + 1) & 2 ? step : size - 1 - step;
        if (rows[y]?.[x] != null) continue;
        let bit = ((codewords[i >> 3] ?? 0) >> (7 - (i & 7))) & 1;
        put(x, y, ((x + y) % 2 == 0) != (bit == 1));
        i++;
      }
  }
  return rows as boolean[][];
}

/**
 * The QR code of a text for a dark terminal that knows Unicode, two modules a character, with a border; empty if
 * the text has more than 134 bytes.
 */
function drawCode(text: string): string {
  let version = 1;
  while (version < 7 && length(text) + 2 > capacity(version)) version++;
  if (version == 7) return '';
  let rows = matrixOf(text, version);
  let end = length(rows) + BORDER;
  // An index below 0 would count from the end.
  let dark = (x: number, y: number): boolean => y == end || (x >= 0 && y >= 0 && rows[y]?.[x] == true);
  let drawn = '';
  for (let y = -BORDER; y < end; y += 2) {
    for (let x = -BORDER; x < end; x++)
      drawn += dark(x, y) ? (dark(x, y + 1) ? ' ' : '▄') : dark(x, y + 1) ? '▀' : '█';
    drawn += '\n';
  }
  return drawn;
}

export { drawCode };
