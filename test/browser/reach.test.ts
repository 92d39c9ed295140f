import type { Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import type { Answers } from '../../dev/preview/canned.ts';
import { answersOf, findings, networkReport, problem, status } from '../../dev/preview/sample.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { NetworkReport } from '../../src/shared/network-plan.ts';
import type { Status } from '../../src/shared/status.ts';
import { assertNoComplaint } from './login-steps.ts';
import { unfold } from './readonly-steps.ts';
import { eachSite } from './support/each-site.ts';
import { LuciSite } from './support/luci-site.ts';
import { logIn } from './support/site.ts';

await eachSite('who reaches whom', (scenario, ground) => {
  scenario('Status tells it', async () => {
    const { page } = await ground.open('status', { answers: answersOf(status()) });
    await waitFor('all arrows are there', 10, async () => (await arrows(page)).length === 7);
    assert.equal(await arrows(page), [
      'lan → tailnet ✓',
      'tailnet → lan ✓',
      'guest → tailnet ✗',
      'tailnet → guest ✗',
      'tailnet → router ✓',
      'network in front (wan) → router ✗',
      'network in front (wan) → lan ✗'
    ]);
  });

  scenario('Status tells of a kill switch, and for whom it is', async () => {
    const report = networkReport([{ code: 'kill-switch', arguments: { zone: '<b>lan</b>, guest' } }]);
    const { page } = await ground.open('status', { answers: { ...answersOf(status()), network: report } });
    await waitFor('all is there', 10, async () => (await arrows(page)).length === 8);
    assert.is((await arrows(page)).at(-1), 'Kill switch: <b>lan</b>, guest');
  });

  scenario('it is asked once a minute, or when something has changed; unknown, it is no answer', async () => {
    let now: Status = status();
    let report: NetworkReport | number = 2;
    let asked = 0;
    const answers: Answers = {
      ...answersOf(() => now),
      network: () => {
        asked++;
        return report;
      }
    };
    const { page } = await ground.open('status', { answers, hasFastClock: true });
    await waitFor('it has asked', 10, () => asked === 1);
    await page.clock.runFor(50_000);
    assert.is(asked, 1);
    assert.equal(await arrows(page), ['…']);

    report = { ...networkReport([]), arrows: [{ from: 'lan', to: 'tailnet', allowed: true }] };
    await page.clock.runFor(15_000);
    await waitFor('it is shown', 10, async () => (await arrows(page)).join() === 'lan → tailnet ✓');
    assert.is(asked, 2);
    report.arrows = [{ from: 'lan', to: 'tailnet', allowed: false }];
    now = status({ problems: [problem('zone-missing', 'warning', { zone: 'camping' })] });
    await page.clock.runFor(6_000);
    await waitFor('the change is shown', 10, async () => (await arrows(page)).join() === 'lan → tailnet ✗');
    assert.is(asked, 3);
    await page.getByText('there is no zone camping').waitFor();
  });

  scenario('Diagnostics tells what was found, and why there is what is in the configuration', async () => {
    let left = findings;
    const taken: object[] = [];
    const answers: Answers = {
      ...answersOf(status()),
      network: () => networkReport(left),
      take_zone: (args: object) => {
        taken.push(args);
        left = findings.filter(({ code }) => code === 'cgnat');
        return {};
      }
    };
    const { page } = await ground.open('diagnostics', { answers });
    const section = firewall(page);
    for (const { code, arguments: args } of findings) {
      const line = section.locator('p', { hasText: `(${code})` });
      await line.waitFor();
      const text = await line.innerText();
      for (const word of Object.values(args)) assert.ok(text.includes(word), `${word}: ${text}`);
    }
    await section.getByText('Kept in the router’s configuration').click();
    await section.getByText('firewall.tailscale_ram_from_lan · LAN → tailnet').waitFor();

    await section.getByRole('button', { name: 'Take over' }).click();
    await section.getByText('(left-zone)').waitFor({ state: 'detached' });
    assert.equal(taken, [{}]);
    assert.is(await section.getByText(/^100\.72\.14\.9/).count(), 1);
    left = [];
    await page.reload();
    await section.getByText('Nothing unusual.').waitFor();
  });

  scenario('and which way an address is, also who may only look', async () => {
    const { page } = await ground.open('diagnostics', { answers: answersOf(status()), readonly: true });
    assert.is(await wayTo(page, '100.64.0.7'), 'Through the tailnet.');
    assert.is(await wayTo(page, '192.168.1.7'), 'Into the network lan.');
    assert.is(await wayTo(page, '192.168.1.1'), 'To this router itself.');
    assert.is(await wayTo(page, '198.51.100.7'), 'By wan, through the router 192.0.2.1.');
    assert.is(await wayTo(page, 'fd00::7'), 'No way leads there.');
    await assertNoComplaint(page);
    await page.getByLabel('Address', { exact: true }).fill('somewhere');
    await page.getByRole('button', { name: 'Which way' }).click();
    await page.getByRole('alert').filter({ hasText: 'An address is written' }).waitFor();
  });

  scenario('the wider network is offered with the own one, and says why', async () => {
    const { page } = await ground.open('settings', { answers: answersOf(status()) });
    await page.getByLabel('192.168.1.0/24 (lan)').waitFor();
    const wider = page.getByLabel(/192\.168\.0\.0\/23 \(.*devices in lan accept routes/);
    assert.not(await wider.isChecked());
    assert.is(await page.getByLabel(/127\.|192\.0\.2|\/22/).count(), 0);
  });

  scenario('of a real agent, too', async () => {
    await logIn(ground.site);
    const { page } = await ground.open('status');
    const isLuci = ground.site instanceof LuciSite;
    // The preview has no firewall, and no interface.
    const expected = isLuci
      ? ['lan → tailnet ✓', 'tailnet → lan ✓', 'tailnet → router ✓', 'network in front (wan) → router ✗']
      : ['tailnet → router ✓'];
    await waitFor('it is shown', 20, async () => {
      const shown = await arrows(page);
      return expected.every((one) => shown.includes(one));
    });
    if (!isLuci) return;
    const diagnostics = await ground.open('diagnostics');
    const address = await ground.site.laptop.cli.ip();
    assert.is(await wayTo(diagnostics.page, address), 'Through the tailnet.');
    assert.match(await wayTo(diagnostics.page, '198.51.100.99'), /^By wan, through the router \d/);
    assert.is(await wayTo(diagnostics.page, '192.168.1.77'), 'Into the network lan.');
    await unfold(diagnostics.page, ground.site.content('diagnostics'));
    await diagnostics.page.getByText('firewall.tailscale_ram_zone · The tailnet’s zone').waitFor();
  });
});

/** Each of them as it is read. */
async function arrows(page: Page): Promise<string[]> {
  const line = page.locator('.cbi-value').filter({ has: page.getByText('Reaches', { exact: true }) });
  const each = await line.locator('.cbi-value-field span').allInnerTexts();
  return each.length > 0 ? each : [await line.locator('.cbi-value-field').innerText()];
}

function firewall(page: Page): ReturnType<Page['locator']> {
  return page.locator('.cbi-section', { hasText: 'Firewall and routes' });
}

async function wayTo(page: Page, address: string): Promise<string> {
  const answer = firewall(page).locator('p[role=status]');
  await page.getByLabel('Address', { exact: true }).fill(address);
  // What was answered before is not taken for it.
  await page.evaluate(`document.querySelector('p[role=status]').textContent = ''`);
  await page.getByRole('button', { name: 'Which way' }).click();
  return waitFor(`the way to ${address}`, 10, async () => (await answer.innerText()).trim() || undefined);
}
