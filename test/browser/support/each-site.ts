import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import { Desk } from '../../../dev/router/desk.ts';
import { releasesToTest } from '../../support/router.ts';
import { launchChromium, whyNoBrowser } from './chromium.ts';
import { LuciSite } from './luci-site.ts';
import { PreviewSite } from './preview-site.ts';
import type { PageName, Site } from './site.ts';
import { visit, type Look, type Visit } from './visit.ts';

/** What the scenarios of one site share. */
export interface Ground {
  /** There once the scenarios run. */
  readonly site: Site;
  readonly browser: Browser;
  /** Opens a page in a browser profile of its own; closed after the scenario. */
  open(page: PageName, look?: Look): Promise<Visit>;
}

/** Adds a scenario; they run one after the other, each on the site as the one before left it. */
export type Scenario = (name: string, run: () => Promise<void>) => void;

/**
 * Runs the scenarios in a browser: on the preview or, with SITE=luci, in LuCI on each release of OpenWrt that
 * `releasesToTest` names. test/run.ts does both, in processes of their own. Says in one line what it skips.
 */
export async function eachSite(
  topic: string,
  define: (scenario: Scenario, ground: Ground) => void,
  environment: Readonly<Record<string, string>> = {}
): Promise<void> {
  const problem = whyNoBrowser();
  if (problem !== undefined) {
    console.log(`skipped: ${problem}`);
    return;
  }
  if (process.env['SITE'] !== 'luci') {
    onSite(`preview: ${topic}`, () => PreviewSite.open(environment), define);
    return;
  }
  const found = await releasesToTest();
  const [last] = found.slice(-1);
  let desk: Desk | undefined;
  for (const rootfs of found) {
    const open = async (): Promise<Site> => LuciSite.open((desk ??= await Desk.open()), rootfs);
    const close = async (): Promise<void> => {
      if (rootfs === last) await desk?.close();
    };
    onSite(`OpenWrt ${rootfs.release}: ${topic}`, open, define, close);
  }
}

function onSite(
  topic: string,
  openSite: () => Promise<Site>,
  define: (scenario: Scenario, ground: Ground) => void,
  closed: () => Promise<void> = () => Promise.resolve()
): void {
  const test = suite(topic);
  let site: Site | undefined;
  let browser: Browser | undefined;
  let problem: unknown;
  const visits: Visit[] = [];
  const ground: Ground = {
    get site() {
      return there(site);
    },
    get browser() {
      return there(browser);
    },
    async open(page, look) {
      const one = await visit(ground.browser, ground.site, page, look);
      visits.push(one);
      return one;
    }
  };
  test.before(async () => {
    // What is thrown here, uvu does not tell.
    await Promise.all([
      openSite().then((one) => (site = one)),
      launchChromium().then((one) => (browser = one))
    ]).catch((error: unknown) => (problem = error));
  });
  test.after.each(async () => {
    for (const one of visits.splice(0)) await one.close();
  });
  test.after(async () => {
    await browser?.close();
    await site?.close();
    await closed();
  });
  define((name, run) => {
    test(name, async () => {
      if (problem !== undefined) throw firstTime(problem);
      await explained(ground.site, visits, run);
    });
  }, ground);
  test.run();
}

/** Told once: the other scenarios fail for the same reason. */
function firstTime(problem: unknown): unknown {
  if (told.has(problem)) return new Error('the site did not come up: see above');
  told.add(problem);
  return problem;
}
const told = new Set<unknown>();

function there<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('it is there once the scenarios run');
  return part;
}

/**
 * A failure comes with what the pages say, and what the site logged last. What a browser never answers has not
 * succeeded either.
 */
async function explained(site: Site, visits: readonly Visit[], run: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`it is not done after ${limitMs / 1000} s`));
    }, limitMs);
  });
  try {
    await Promise.race([run(), late]);
  } catch (error) {
    if (error instanceof Error) {
      for (const { page } of visits)
        error.message += `\n${page.url()} says:\n${await textOf(page).catch(String)}`;
      error.message += `\nThe log of ${site.name}:\n${await site.tailOfLog()}`;
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const limitMs = 400_000;

async function textOf(page: Page): Promise<string> {
  return (await page.locator('body').innerText({ timeout: 5000 })).slice(0, 1500);
}
