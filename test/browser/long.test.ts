import type { CDPSession, Page, Request } from 'playwright-core';
import * as assert from 'uvu/assert';
import { eachSite } from './support/each-site.ts';
import { logIn, pageNames } from './support/site.ts';

const POLLS = 1000;

await eachSite('a page that stays open', (scenario, ground) => {
  for (const name of pageNames.filter((each) => each !== 'overview'))
    scenario(`${name}: after ${POLLS} looks it holds what it held at first`, async () => {
      await logIn(ground.site);
      const { page, problems } = await ground.open(name, { hasFastClock: true });
      await page.evaluate('for (const each of document.querySelectorAll("#view details")) each.open = true');
      const session = await page.context().newCDPSession(page);
      const looks = countLooks(page);
      const lookOften = async (times: number): Promise<void> => {
        for (const wanted = looks.done + times; looks.done < wanted;) {
          await page.clock.runFor(5000);
          while (looks.underWay > 0) await page.waitForTimeout(2);
        }
      };
      // What is kept for a while, such as the last minutes' traffic, is there then.
      await lookOften(150);
      const before = await held(session);
      await lookOften(POLLS);
      const after = await held(session);
      const said = `${JSON.stringify(before)} → ${JSON.stringify(after)}`;
      assert.ok(after.bytes < before.bytes + 300_000, said);
      assert.ok(after.nodes < before.nodes + 100, said);
      assert.ok(after.listeners < before.listeners + 20, said);
      assert.is(looks.mostAtOnce, 1);
      assert.equal(problems, []);
    });

  scenario('while nobody looks at it, it asks nothing; then at once', async () => {
    const { page } = await ground.open('status', { hasFastClock: true });
    const looks = countLooks(page);
    const setHidden = (hidden: boolean): Promise<void> =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} });
        document.dispatchEvent(new Event('visibilitychange'));
      `);
    await page.clock.runFor(6000);
    await page.waitForTimeout(500);
    await setHidden(true);
    const { done } = looks;
    await page.clock.runFor(600_000);
    await page.waitForTimeout(500);
    assert.is(looks.done, done);
    await setHidden(false);
    await page.waitForTimeout(500);
    assert.is(looks.done, done + 1);
  });
});

interface Looks {
  done: number;
  underWay: number;
  mostAtOnce: number;
}

/** How often the page asks for the status from now on. */
function countLooks(page: Page): Looks {
  const looks = { done: 0, underWay: 0, mostAtOnce: 0 };
  const underWay = new Set<Request>();
  const count = (): void => {
    looks.underWay = underWay.size;
    looks.mostAtOnce = Math.max(looks.mostAtOnce, underWay.size);
  };
  page.on('request', (request) => {
    if (/"tailscale-ram",\s*"status"/.test(request.postData() ?? '')) underWay.add(request);
    count();
  });
  const end = (request: Request): void => {
    if (underWay.delete(request)) looks.done++;
    count();
  };
  page.on('requestfinished', end);
  page.on('requestfailed', end);
  return looks;
}

interface Held {
  bytes: number;
  nodes: number;
  listeners: number;
}

/** What the page holds once what nobody needs any more is gone. */
async function held(session: CDPSession): Promise<Held> {
  for (let times = 0; times < 3; times++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize: bytes } = await session.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners: listeners } = await session.send('Memory.getDOMCounters');
  return { bytes, nodes, listeners };
}
