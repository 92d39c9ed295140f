import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { testVersions } from '../../src/shared/versions.ts';
import { loggedOut, stayedOpen } from './login-steps.ts';
import { emptyRam, luciSite, service } from './on-router.ts';
import { eachSite } from './support/each-site.ts';

/** What comes to the router in a second; the archive takes some. */
const rate = 5_000_000;

await eachSite('while Tailscale is being fetched', (scenario, ground) => {
  scenario('the page tells each step, and how far the download is, until it can be logged in', async () => {
    const { desk, router } = luciSite(ground);
    await emptyRam(router);
    desk.mirror.setFault([
      { kind: 'delay', milliseconds: 3000, on: 'index' },
      { kind: 'rate', bytesPerSecond: rate, on: 'archive' }
    ]);
    const { page } = await ground.open('status');
    const assertStayed = await stayedOpen(page);
    await page.getByText('Tailscale’s agent is not running').waitFor();
    await watch(page);
    await router.succeed([service, 'start']);
    await page.getByRole('progressbar').waitFor({ timeout: 30_000 });
    await page.getByText(`Version ${testVersions.latest}`).waitFor();
    assert.not(await page.getByText('Tailscale’s agent is not running').isVisible());
    assert.not(await loggedOut(page).isVisible());
    // At that rate the archive takes less than ten seconds.
    await loggedOut(page).waitFor({ timeout: 60_000 });
    assert.not(await page.getByRole('progressbar').isVisible());
    await assertStayed();
    desk.mirror.setFault();

    const { steps, texts } = await seen(page);
    const known = ['internet', 'clock', 'version', 'enough memory', 'download', 'verify', 'start'];
    const order = steps.map((step) => known.indexOf(step));
    assert.not(order.includes(-1), steps.join());
    assert.equal(order, [...order].sort(), steps.join());
    for (const step of ['version', 'download']) assert.ok(steps.includes(step), steps.join());

    // Such as “5.2 MB of 29 MB · 4.9 MB a second · 5 sec left”.
    const numbers = texts.map((text) => text.match(/[\d.]+(?= MB)/g)?.map(Number) ?? []);
    const all = texts.join('\n');
    assert.ok(numbers.length >= 3, all);
    const got = numbers.map(([bytes = NaN]) => bytes);
    assert.equal(
      got,
      [...got].sort((a, b) => a - b),
      all
    );
    const sizes = new Set(numbers.map(([, total]) => total));
    assert.is(sizes.size, 1, all);
    const [size = 0] = sizes;
    assert.ok(size > 20 && size < 60, all);
    const speed = numbers.at(-1)?.[2] ?? 0;
    assert.ok(speed > 0.6 * (rate / 1e6) && speed < 1.4 * (rate / 1e6), all);
    assert.match(texts.at(-1) ?? '', /\d+ sec left$/);
  });
});

interface Seen {
  /** The step that was under way. */
  steps: string[];
  /** What stood below the bar. */
  texts: string[];
}

/** Remembers, in the page, what it has shown. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(`
    window.seen = { steps: [], texts: [] };
    const add = (list, text) => text && list.at(-1) !== text && list.push(text);
    new MutationObserver(() => {
      const step = document.querySelector('[aria-current=step]');
      if (!step?.checkVisibility()) return;
      add(window.seen.steps, step.querySelector('strong').textContent);
      add(window.seen.texts, document.querySelector('[role=progressbar]')?.parentElement.querySelector('p').textContent);
    }).observe(document.querySelector('#view'), { subtree: true, childList: true, attributes: true });
  `);
}

function seen(page: Page): Promise<Seen> {
  return page.evaluate<Seen>('window.seen');
}
