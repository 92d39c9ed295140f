import type { Locator, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { waitFor } from '../../dev/tailnet/wait.ts';

/** The box of a problem, on the page Status. */
export function box(page: Page, code: string): Locator {
  return page.locator(`[data-problem=${code}]`);
}

/** Waits until a problem is told of, unfolded if it is not the worst: in words, with its code in small. */
export async function untilTold(page: Page, code: string, words: RegExp, seconds = 20): Promise<Locator> {
  const told = box(page, code);
  await told.waitFor({ state: 'attached', timeout: seconds * 1000 });
  if (!(await told.isVisible())) await page.locator('summary', { hasText: 'Also to know' }).click();
  const title = await told.getByRole('heading').innerText();
  const text = await told.innerText();
  assert.match(title, words);
  assert.not.match(title, code);
  assert.ok(text.includes(`(${code})`), text);
  assert.not.match(text, /undefined|NaN|null|\[object|%s/);
  return told;
}

/** Waits until nothing is said of it any more. */
export async function untilGone(page: Page, code: string, seconds = 20): Promise<void> {
  await waitFor(`${code} is gone`, seconds, async () => (await box(page, code).count()) === 0);
}

/** By the button in the box of a problem. */
export async function press(told: Locator, label: string): Promise<void> {
  await told.getByRole('button', { name: label, exact: true }).click();
}
