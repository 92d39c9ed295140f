import type { Locator, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import type { Status } from '../../src/shared/status.ts';
import { assertNoComplaint } from './login-steps.ts';
import { untilEnded, type Site } from './support/site.ts';

/** Confirm or revert, on top of each page. */

/** What this page is about to confirm. */
export function ownChange(page: Page): Locator {
  return pending(page).filter({ hasNot: keepIt(page) });
}

/** What somebody else has changed, with a button to confirm it in their place. */
export function othersChange(page: Page): Locator {
  return pending(page).filter({ has: keepIt(page) });
}

/** That what this page could not confirm is as before. */
export function undone(page: Page): Locator {
  return page.locator('.alert-message', { hasText: 'was undone' });
}

export function keepIt(page: Page): Locator {
  return page.getByRole('button', { name: 'Keep it' });
}

/** What was done on this page stays, without anybody having done more. */
export async function untilConfirmed(page: Page, site: Site): Promise<void> {
  const status = async (): Promise<Status> => (await site.ask('status')) as unknown as Status;
  await ownChange(page).waitFor();
  const { unconfirmed } = await status();
  assert.ok(unconfirmed);
  await pending(page).waitFor({ state: 'detached' });
  assert.is((await untilEnded(site, unconfirmed.job))['state'], 'done');
  assert.is((await status()).unconfirmed, null);
  assert.is(await undone(page).count(), 0);
  await assertNoComplaint(page);
}

/** Tells in how many seconds something is undone. */
function pending(page: Page): Locator {
  return page.locator('.alert-message', { has: page.getByRole('timer') });
}
