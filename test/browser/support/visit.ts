import type { Browser, BrowserContext, Page } from 'playwright-core';
import { answerIn } from '../../../dev/preview/answer-in.ts';
import type { Answers } from '../../../dev/preview/canned.ts';
import type { PageName, Site } from './site.ts';

/** Who looks, and how. */
export interface Look {
  /** As one who may only look. */
  readonly?: boolean;
  colorScheme?: 'light' | 'dark';
  /** In pixels; 360 is a phone's. */
  width?: number;
  /** What stands in for the agent's own answers. */
  answers?: Answers;
  /** Its time passes as always, and faster where the test says so (`page.clock`). */
  hasFastClock?: boolean;
}

/** A page that is open, and what is to be held against it. */
export interface Visit {
  readonly page: Page;
  /** What it wrote to the console as an error, and what it did not catch. */
  readonly problems: string[];
  /** The address of everything that it asked for. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Opens a page of the site as a browser that has never been there, and waits until LuCI has made way for it. */
export async function visit(
  browser: Browser,
  site: Site,
  name: PageName,
  { readonly = false, answers, colorScheme = 'light', width = 1200, hasFastClock = false }: Look = {}
): Promise<Visit> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
  context.setDefaultTimeout(40_000);
  await site.enter(context, readonly);
  if (answers) await answerIn(context, answers);
  if (hasFastClock) await context.clock.install();
  const page = await context.newPage();
  const problems: string[] = [];
  const requests = watchRequests(context);
  page.on('pageerror', (error) => problems.push(error.stack ?? error.message));
  page.on('console', (message) => {
    const text = `${message.text()} (${message.location().url})`;
    if (message.type() === 'error' && !site.isOwnProblem(text)) problems.push(text);
  });
  await page.goto(site.url(name, readonly));
  const drawn = page.locator(site.content(name)).filter({ hasText: /\S/ });
  await drawn
    .first()
    .waitFor()
    .catch(async () => {
      const text = await page.locator('body').innerText();
      throw new Error(`${name} shows nothing of ours: ${[...problems, text].join('\n')}`);
    });
  return { page, problems, requests, close: () => context.close() };
}

function watchRequests(context: BrowserContext): string[] {
  const requests: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  context.on('page', (page) => {
    page.on('websocket', (socket) => requests.push(socket.url()));
  });
  return requests;
}
