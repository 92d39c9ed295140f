import type { Locator } from 'playwright-core';
import * as assert from 'uvu/assert';
import { encode } from 'uqr';

/** Asserts that an image is the QR code of this text: what a camera would see, dot by dot. */
export async function assertQrCode(image: Locator, text: string): Promise<void> {
  const { data } = encode(text);
  const rows = data.map((row) => row.map((isDark) => (isDark ? '#' : ' ')).join(''));
  const source = JSON.stringify(await image.getAttribute('src'));
  const seen = await image.page().evaluate<string[]>(`(${sample})(${source}, ${data.length})`);
  assert.is(seen.join('\n'), rows.join('\n'));
}

/** Runs in the browser: the middle of each of so many dots in a row, and of so many rows. */
const sample = `async (source, dots) => {
  const image = new Image(dots * 8, dots * 8);
  image.src = source;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = dots * 8;
  const context = canvas.getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const dot = (x, y) => (context.getImageData(x * 8 + 4, y * 8 + 4, 1, 1).data[0] < 128 ? '#' : ' ');
  const all = [...Array(dots).keys()];
  return all.map((y) => all.map((x) => dot(x, y)).join(''));
}`;
