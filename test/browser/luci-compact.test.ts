import type { Locator, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { bootstrapState, untilRunning } from '../../dev/router/desk.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { sleep, waitFor } from '../../dev/tailnet/wait.ts';
import type { Status } from '../../src/shared/status.ts';
import { serveCompactMirror, trustCompactMirror } from '../router/compact-mirror.ts';
import { assertNoComplaint, connected } from './login-steps.ts';
import { luciOf } from './luci-steps.ts';
import { eachSite } from './support/each-site.ts';
import type { LuciSite } from './support/luci-site.ts';
import { logIn } from './support/site.ts';

/** From one build to another by a button, with what it takes, and what there is. */

await eachSite('builds', (scenario, ground) => {
  const luci = (): LuciSite => luciOf(ground.site);
  const status = async (): Promise<Status> => (await luci().ask('status')) as unknown as Status;
  const key = async (): Promise<unknown> => (await status()).self?.id;

  scenario('without a mirror there is no button that leads nowhere', async () => {
    await logIn(luci());
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    await row(page, 'Memory').waitFor();
    assert.is(await page.getByRole('button', { name: /^→/ }).count(), 0);
    await assertNoComplaint(page);
  });

  scenario('the memory: a bar of what Tailscale has, and its numbers', async () => {
    const { page } = await ground.open('status');
    const bar = row(page, 'Memory').locator('.cbi-progressbar');
    const { memory } = await status();
    const total = Number(/\d+/.exec(await luci().router.succeed('grep MemTotal /proc/meminfo'))) * 1024;
    assert.is(memory.total, total);
    assert.match((await bar.getAttribute('title')) ?? '', /^[\d.]+ MB \/ [\d.]+ [MG]B$/);
    assert.match(
      await row(page, 'Memory').innerText(),
      /Tailscale [\d.]+ MB, agent [\d.]+ MB, program [\d.]+ MB; free: [\d.]+ [MG]B/
    );
    const widths = await page.evaluate<number[]>(
      `[...document.querySelectorAll('#view .cbi-progressbar > div')].map((part) => parseFloat(part.style.width))`
    );
    const { daemon, agent, files } = memory;
    const wanted = [daemon, agent, files].map((size) => ((size ?? 0) / total) * 100);
    assert.is(widths.length, 3);
    for (const [i, width] of widths.entries())
      assert.ok(Math.abs(width - (wanted[i] ?? 0)) < 2, `${width} % for ${wanted[i] ?? 0} %`);
  });

  scenario('to a compact build, refused while it does not fit, and back: the same device', async () => {
    const { desk, router } = luci();
    const mirror = await serveCompactMirror(desk);
    try {
      await trustCompactMirror(router);
      const before = await key();
      const { page } = await ground.open('status');
      const build = row(page, 'Build');
      assert.match(
        await build.innerText(),
        /official.*It takes 12 MB ✓ of free memory, to official [\d.]+ MB ✓\..*a quarter of the memory/s
      );
      await change(page, router, 'compact');
      await build.getByRole('button', { name: '→ official', exact: true }).waitFor();

      await router.succeed('uci set tailscale-ram.main.reserve_mb=65000; uci commit tailscale-ram');
      await build.getByRole('button', { name: '→ official', exact: true }).click();
      const refusal = page
        .getByRole('alert')
        .getByText(/failed.*memory-low.*MB are free.*goes on until a restart/);
      await refusal.waitFor();
      assert.is((await bootstrapState(router))?.build, 'compact');
      assert.is((await router.succeed('uci get tailscale-ram.main.build')).trim(), 'compact');
      await page.getByRole('button', { name: 'Dismiss' }).click();

      await router.succeed('uci delete tailscale-ram.main.reserve_mb; uci commit tailscale-ram');
      await change(page, router, 'official');
      assert.is(await waitFor('the device is back', 60, key), before);
    } finally {
      await mirror.close();
    }
  });

  scenario(
    'the power goes while a button changes it: the same device comes up, with one of both',
    async () => {
      const { desk, router, origin } = luci();
      const mirror = await serveCompactMirror(desk);
      try {
        const before = await key();
        const builds = new Set<string | undefined>();
        for (const milliseconds of [100, 600, 1500, 3000, 6000]) {
          const visit = await ground.open('status');
          const to = (await bootstrapState(router))?.build === 'official' ? 'compact' : 'official';
          await row(visit.page, 'Build')
            .getByRole('button', { name: `→ ${to}`, exact: true })
            .click();
          await sleep(milliseconds);
          await visit.close();
          await router.powerCut();
          await router.powerOn();
          await untilRunning(router, 120);
          assert.is(await waitFor('the device is back', 60, key), before);
          await waitFor(
            'LuCI answers',
            60,
            async () => (await fetch(`${origin}/cgi-bin/luci/`)).status === 403
          );
          builds.add((await bootstrapState(router))?.build);
        }
        assert.equal([...builds].sort(), ['compact', 'official']);
      } finally {
        await mirror.close();
      }
    }
  );
});

function row(page: Page, title: string): Locator {
  return page.locator('#view .cbi-value', { has: page.getByText(title, { exact: true }) });
}

async function change(page: Page, router: OpenWrt, build: string): Promise<void> {
  await row(page, 'Build')
    .getByRole('button', { name: `→ ${build}`, exact: true })
    .click();
  await waitFor(`${build} runs`, 60, async () => (await bootstrapState(router))?.build === build);
  await connected(page).waitFor();
  await row(page, 'Build').getByText(build).first().waitFor();
}
