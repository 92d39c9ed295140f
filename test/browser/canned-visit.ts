import type { Browser, Page } from 'playwright-core';
import type { CannedSite } from './canned-site.ts';
import type { PageName } from './support/site.ts';

/** A page of a canned site, and what has happened on it that must not. */
export interface CannedVisit {
  readonly page: Page;
  /** What it did not catch, what ran that nobody meant to run, whom it asked besides the router. */
  readonly wrong: string[];
  /** Opens a page, or the same anew, and waits until it has heard what it asked for. */
  readonly go: (name: PageName) => Promise<void>;
  /** Waits until nothing is under way. */
  readonly quiet: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function visitCanned(browser: Browser, site: CannedSite): Promise<CannedVisit> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const wrong: string[] = [];
  const pending = new Set<unknown>();
  let changed = Date.now();

  await context.exposeFunction('hostile', (n: unknown) => wrong.push(`ran: hostile(${String(n)})`));
  page.on('pageerror', (error) => wrong.push(`not caught: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    // Our pages ask, and do nothing else.
    if (dialog.type() !== 'confirm') wrong.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('page', (other) => wrong.push(`opened: ${other.url()}`));
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${site.origin}/`) && !url.startsWith('data:')) wrong.push(`asked: ${url}`);
    pending.add(request);
    changed = Date.now();
  });
  const done = (request: unknown): void => {
    pending.delete(request);
    changed = Date.now();
  };
  context.on('requestfinished', done).on('requestfailed', done);

  const quiet = async (): Promise<void> => {
    const limit = Date.now() + 10_000;
    while (pending.size > 0 || Date.now() - changed < 120) {
      if (Date.now() > limit) throw new Error('it goes on and on');
      await page.waitForTimeout(20);
    }
  };
  return {
    page,
    wrong,
    quiet,
    go: async (name) => {
      pending.clear();
      await page.goto(site.url(name));
      await page.locator('#view > :not(.spinning)').first().waitFor({ state: 'attached' });
      await quiet();
    },
    close: () => context.close()
  };
}
