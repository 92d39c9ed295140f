import type { Locator, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import type { Site } from './support/site.ts';

/** The way into a tailnet, on the page Status. */

/** The fields behind “Other ways”, which are opened if they are not. */
export async function otherWays(page: Page): Promise<Record<'server' | 'key' | 'go', Locator>> {
  const key = page.getByLabel('Auth key', { exact: true });
  const title = page.locator('summary', { hasText: 'Other ways' });
  await title.waitFor();
  if (!(await key.isVisible())) await title.click();
  return {
    server: page.getByLabel('Login server', { exact: true }),
    key,
    go: page.getByRole('button', { name: 'Log in this way' })
  };
}

/** Asks for a link of the tests' own login server, and returns it once it is there to be clicked. */
export async function askForLink(page: Page, site: Site): Promise<string> {
  const { server, go } = await otherWays(page);
  await server.fill(site.headscale.url);
  await go.click();
  return shownLink(page);
}

/** The link to log in at that the page shows, once it does. */
export async function shownLink(page: Page): Promise<string> {
  const link = page.locator('#view').getByRole('link', { name: /\/register\// });
  await link.waitFor();
  const address = (await link.getAttribute('href')) ?? '';
  assert.is((await link.innerText()).trim(), address);
  return address;
}

/** Logs in by a key; resolves once it was sent. */
export async function sendKey(page: Page, site: Site, text: string): Promise<void> {
  const { server, key, go } = await otherWays(page);
  await server.fill(site.headscale.url);
  await key.fill(text);
  await go.click();
}

/** Of a router that is in its tailnet, in big letters. */
export function connected(page: Page): Locator {
  return page.getByRole('heading', { name: /Connected as/ });
}

/** Of one that is not, and may log in. */
export function loggedOut(page: Page): Locator {
  return page.getByRole('heading', { name: 'This router is not in a tailnet yet' });
}

/** Throws unless the page that is open now is the one that was there when this was called first. */
export async function stayedOpen(page: Page): Promise<() => Promise<void>> {
  await page.evaluate('window.wasThere = true');
  return async () => {
    assert.is(await page.evaluate('window.wasThere'), true, 'the page was loaded anew');
  };
}

/** Nothing that somebody did here was refused, or did not get through. */
export async function assertNoComplaint(page: Page): Promise<void> {
  const complaints = page.getByRole('alert').filter({ hasText: /\S/ });
  assert.equal(await complaints.allInnerTexts(), []);
}
