/** QR codes of short texts as a terminal can draw them: ISO/IEC 18004, bytes, error correction L, mask 0. */

/** Of each version up to 6: the codewords for a text, with its mode and length, and those that correct a block. */
const ROOM = [0, 19, 34, 55, 80, 108, 136];
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

/** The codewords that correct errors in these. What a list does not have yet counts as 0. */
function correct(data: readonly number[], degree: number): number[] {
  let divisor: number[] = [];
  let rest: number[] = [];
  let root = 1;
  divisor[degree - 1] = 1;
  for (let i = 0; i < degree; i++) {
    for (let j = 0; j < degree; j++)
      divisor[j] = multiply(divisor[j] as number, root) ^ (divisor[j + 1] as number);
    root = multiply(root, 2);
  }
  map(data, (codeword) => {
    let factor = codeword ^ (shift(rest) as number);
    for (let i = 0; i < degree; i++) rest[i] = (rest[i] as number) ^ multiply(divisor[i] as number, factor);
  });
  return rest;
}

/** The codewords of a text in their final order. */
function encode(text: string, version: number): number[] {
  let degree = CORRECTING[version] as number;
  let data: number[] = [];
  // The mode and the length are a byte and a half, and half a byte of zeros ends the text.
  let last = 4;
  map(split(`${chr(length(text))}${text}\0`, ''), (one) => {
    let byte = ord(one) as number;
    push(data, ((last & 15) << 4) | (byte >> 4));
    last = byte;
  });
  for (let i = 0; length(data) < (ROOM[version] as number); i++) push(data, i % 2 ? 17 : 236);

  let blocks = version == 6 ? [slice(data, 0, 68), slice(data, 68)] : [data];
  let codewords: number[] = [];
  let weave = (lists: number[][]): void => {
    map(lists[0] as number[], (_, i) => map(lists, (list) => push(codewords, list[i] as number)));
  };
  weave(blocks);
  weave(map(blocks, (block) => correct(block, degree)));
  return codewords;
}

/** Where a module is among all; there is room for a border around them. */
function at(x: number, y: number): number {
  return 99 * y + x + 500;
}

/** The modules, by `at`: dark ones, and light ones. */
function modulesOf(text: string, version: number): boolean[] {
  let size = 4 * version + 17;
  let modules: boolean[] = [];
  /** Rings around a middle: this one is light, and so is a finder's outermost. */
  let target = (middle_x: number, middle_y: number, radius: number, light: number): void => {
    for (let x = -radius; x <= radius; x++)
      for (let y = -radius; y <= radius; y++) {
        let ring = max(x, -x, y, -y);
        modules[at(middle_x + x, middle_y + y)] = ring != light && ring != 4;
      }
  };
  for (let i = 8; i < size - 8; i++) modules[at(i, 6)] = modules[at(6, i)] = i % 2 == 0;
  target(3, 3, 4, 2);
  target(size - 4, 3, 4, 2);
  target(3, size - 4, 4, 2);
  if (version > 1) target(size - 7, size - 7, 2, 1);
  for (let i = 0; i < 15; i++) {
    let bit = ((FORMAT >> i) & 1) == 1;
    let near = i < 6 ? i : i < 8 ? i + 1 : i < 9 ? 7 : 14 - i;
    modules[i < 8 ? at(8, near) : at(near, 8)] = bit;
    modules[i < 8 ? at(size - 1 - i, 8) : at(8, size - 15 + i)] = bit;
  }
  modules[at(8, size - 8)] = true;

  let codewords = encode(text, version);
  let i = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    // The column of the timing pattern does not count.
    if (right == 6) right = 5;
    for (let step = 0; step < size; step++)
      for (let x = right; x > right - 2; x--) {
        let y = (right + 1) & 2 ? step : size - 1 - step;
        if (modules[at(x, y)] != null) continue;
        let bit = ((codewords[i >> 3] as number) >> (7 - (i & 7))) & 1;
        modules[at(x, y)] = (x + y + bit) % 2 == 0;
        i++;
      }
  }
  return modules;
}

/**
 * The QR code of a text for a dark terminal that knows Unicode, two modules a character, with a border; empty if
 * the text has more than 134 bytes.
 */
function drawCode(text: string): string {
  let version = 1;
  while (version < 7 && length(text) + 2 > (ROOM[version] as number)) version++;
  if (version == 7) return '';
  let modules = modulesOf(text, version);
  let end = 4 * version + 17 + BORDER;
  let dark = (x: number, y: number): boolean => y == end || !!modules[at(x, y)];
  let drawn = '';
  for (let y = -BORDER; y < end; y += 2) {
    for (let x = -BORDER; x < end; x++)
      drawn += dark(x, y) ? (dark(x, y + 1) ? ' ' : '▄') : dark(x, y + 1) ? '▀' : '█';
    drawn += '\n';
  }
  return drawn;
}

export { drawCode };
