import type { Browser, Page } from 'playwright-core';
import { status } from '../../dev/preview/sample.ts';
import { devices } from '../../dev/preview/sample-devices.ts';
import type { Peer } from '../../src/shared/status.ts';
import type { CannedSite } from './canned-site.ts';

/**
 * How long the pages take with a thousand devices, in milliseconds. What the agent answers lies in the page's own
 * memory as text: neither the network nor the preview's server is measured, only what the page does.
 */
export interface PageTimes {
  /** From when the page asks for the first devices until it has painted that all of them are there. */
  firstDrawn: number[];
  /** From a key in the field that searches until what it has found is painted. */
  key: number[];
  /**
   * A look at the status and what belongs to it, at which ten devices have changed: from asking until all that
   * follows has been done. Painting comes later.
   */
  statusPoll: number[];
  devicesPoll: number[];
  /** The same after all devices have been scrolled to. */
  longPoll: number[];
}

const COUNT = 1000;
const REPLY_BYTES = 200_000;

/** Each as often as `runs` says. */
export async function measurePages(browser: Browser, site: CannedSite, runs: number): Promise<PageTimes> {
  const firstDrawn: number[] = [];
  for (let i = 0; i < runs; i++) {
    const page = await open(browser, site, 'devices');
    firstDrawn.push(await page.evaluate<number>('firstDrawn'));
    await page.context().close();
  }
  const list = await open(browser, site, 'devices');
  await list.evaluate('firstDrawn');
  const devicesPoll = await polls(list, runs);
  const key = await keys(list, runs);
  await scrollToEnd(list);
  const longPoll = await polls(list, runs);
  await list.context().close();
  const overview = await open(browser, site, 'status');
  const statusPoll = await polls(overview, runs);
  await overview.context().close();
  return { firstDrawn, key, statusPoll, devicesPoll, longPoll };
}

async function open(browser: Browser, site: CannedSite, name: 'status' | 'devices'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(`(${stage})(${JSON.stringify(replies())})`);
  await page.goto(site.url(name));
  await page.getByText(name === 'status' ? 'Connected as' : '1,000 of 1,000').waitFor();
  return page;
}

/** Two of each, by turns: between them ten devices of those in sight change, and the traffic. */
function replies(): Record<string, string[][]> {
  const before = devices(COUNT);
  const after = before.map((peer, i) => (i < 10 ? { ...peer, received: peer.received + 5e9 } : peer));
  const told = [1, 2].map((n) => status({ traffic: { received: n * 1e6, sent: n * 1e5 } }));
  return {
    status: told.map((each) => [JSON.stringify(each)]),
    peers: [before, after].map(pages),
    info: [1, 2].map(() => ['{"uptime": 1000, "localtime": 0}'])
  };
}

/** As many replies as the agent would make of it: none is much longer than this. */
function pages(list: readonly Peer[]): string[] {
  const texts: string[] = [];
  for (let offset = 0; offset < list.length;) {
    const peers: Peer[] = [];
    for (let size = 0; size < REPLY_BYTES && offset + peers.length < list.length;) {
      const peer = list[offset + peers.length] as Peer;
      size += JSON.stringify(peer).length;
      peers.push(peer);
    }
    texts.push(JSON.stringify({ total: list.length, found: list.length, offset, peers }));
    offset += peers.length;
  }
  return texts;
}

/** The first of them is not counted: what is compiled then is compiled for good. */
async function polls(page: Page, runs: number): Promise<number[]> {
  const times: number[] = [];
  let before = '';
  for (let i = 0; i <= runs; i++) {
    times.push(await page.evaluate<number>('look()'));
    const text = await page.locator('#view').innerText();
    if (text === before) throw new Error('nothing new is shown');
    before = text;
  }
  return times.slice(1);
}

/** Letters by turns, and what takes them away again, which counts as well. */
async function keys(page: Page, runs: number): Promise<number[]> {
  await page.getByPlaceholder('Search').focus();
  for (let i = 0; i < runs; i++) {
    await page.keyboard.press(i % 2 === 0 ? 'nlpc'.charAt((i / 2) % 4) : 'Backspace');
    await page.waitForTimeout(150);
  }
  return page.evaluate<number[]>('keys');
}

/** And back. */
async function scrollToEnd(page: Page): Promise<void> {
  for (let i = 0; i < 100; i++) {
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await page.waitForTimeout(50);
    if ((await page.locator('.tsr > li').count()) === COUNT) {
      await page.evaluate('scrollTo(0, 0)');
      return;
    }
  }
  throw new Error('not all devices come into sight');
}

/** Before the page's own scripts: answers from memory, keeps the time, and takes the page's clock away from it. */
const stage = `(replies) => {
  const { setTimeout } = window;
  const now = performance.now.bind(performance);
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(now());
    port2.postMessage(null);
  }));

  let turn = 0;
  let asked;
  const { fetch } = window;
  window.fetch = async (url, options) => {
    const method = /^\\/ubus\\/[^.]*\\.?[^.]*\\.(\\w+)\\?/.exec(url)?.[1];
    if (!replies[method]) return fetch(url, options);
    const { params: [, , , { offset = 0 }] } = JSON.parse(options.body);
    if (method === 'peers') asked ??= now();
    const texts = replies[method][turn % 2];
    const text = texts.find((each) => method !== 'peers' || each.includes('"offset":' + offset + ','));
    return { ok: true, json: async () => ({ jsonrpc: '2.0', id: 1, result: [0, JSON.parse(text)] }) };
  };

  let skipped = 0;
  const later = [];
  const beats = [];
  performance.now = () => now() + skipped;
  window.setTimeout = (run, ms, ...args) => (ms >= 3000 ? later.push(run) : setTimeout(run, ms, ...args));
  window.setInterval = (run) => beats.push(run);
  window.look = async () => {
    turn++;
    skipped += 60_000;
    for (const run of later.splice(0)) run();
    const start = now();
    for (const run of beats) run();
    // What follows runs in between, each a step at a time: nothing here has to be waited for.
    for (let i = 0; i < 1000; i++) await null;
    return now() - start;
  };

  window.keys = [];
  let pressed;
  addEventListener('keydown', ({ timeStamp }) => (pressed = timeStamp), true);
  addEventListener('input', () => {
    const start = pressed;
    void painted().then((end) => keys.push(end - start));
  });

  window.firstDrawn = new Promise((resolve) => {
    const seen = () => {
      if (![...document.querySelectorAll('[role=status]')].some(({ textContent }) => textContent.startsWith('1,000 of 1,000'))) return;
      observer.disconnect();
      void painted().then((end) => resolve(end - asked));
    };
    const observer = new MutationObserver(seen);
    observer.observe(document, { childList: true, subtree: true });
  });
}`;

/** What each is called, and what it may be in the median. */
export const pageLimits: Readonly<Record<keyof PageTimes, readonly [what: string, milliseconds: number]>> = {
  firstDrawn: ['1,000 devices first drawn', 300],
  key: ['a key in the search', 50],
  statusPoll: ['a look on the status page', 10],
  devicesPoll: ['a look on the devices page', 10],
  longPoll: ['a look with all devices scrolled to', 10]
};

export const pageTimes = Object.keys(pageLimits) as (keyof PageTimes)[];
