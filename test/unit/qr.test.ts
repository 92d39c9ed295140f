import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { renderUnicodeCompact } from 'uqr';
import { runtimesOf } from '../support/vectors.ts';

for (const runtime of await runtimesOf('src/command/qr.ts')) {
  const test = suite(`QR codes on ${runtime.name}`);
  const draw = (text: string): unknown => runtime.call('drawCode', text);

  test('the same as those of a library, in each size', () => {
    // The longest text of each version, and what is one byte longer.
    for (const length of [1, 17, 18, 32, 33, 53, 54, 78, 79, 106, 107, 134]) {
      const text = 'https://login.tailscale.com/a/0123456789abcdef'.repeat(3).slice(0, length);
      assert.is(
        draw(text),
        `${renderUnicodeCompact(text, { border: 2, maskPattern: 0 })}\n`,
        `${length} bytes`
      );
    }
  });

  test('none of a text that does not fit', () => {
    assert.is(draw('x'.repeat(135)), '');
  });

  test.run();
}
