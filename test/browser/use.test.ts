import type { Locator, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { PreferenceName, PreferenceState } from '../../src/shared/preferences.ts';
import type { Status } from '../../src/shared/status.ts';
import { agentPid } from '../router/agent-calls.ts';
import { approveOwn, offerExitNode } from './approve.ts';
import { keepIt, othersChange, ownChange, undone, untilConfirmed } from './confirm-steps.ts';
import { assertNoComplaint, connected } from './login-steps.ts';
import { eachSite } from './support/each-site.ts';
import { LuciSite } from './support/luci-site.ts';
import { logIn, untilEnded } from './support/site.ts';

/** What nobody confirms is undone after so many seconds on the preview; the page takes three to confirm. */
const confirmSeconds = 12;
/** What is changed elsewhere is on the page after so many seconds. */
const soon = 10;

await eachSite(
  'in the tailnet',
  (scenario, ground) => {
    const status = async (): Promise<Status> => (await ground.site.ask('status')) as unknown as Status;
    const preference = async (name: PreferenceName): Promise<unknown> => {
      const { preferences } = await ground.site.ask('settings');
      return (preferences as Record<PreferenceName, PreferenceState>)[name].value;
    };
    scenario('as long as no device offers to be an exit node, the page says so', async () => {
      await logIn(ground.site);
      const { page } = await ground.open('status');
      await page.getByRole('button', { name: 'Choose …' }).click();
      await page.getByText('No device of this tailnet offers to be one.').waitFor();
      assert.is(await page.getByRole('button', { name: 'Use it' }).count(), 0);
    });

    scenario('an exit node is chosen and left', async () => {
      await offerExitNode(ground.site);
      await waitFor('the agent knows an exit node', 20, async () => {
        return ((await ground.site.ask('exit_nodes'))['exit_nodes'] as unknown[]).length > 0;
      });

      const { page } = await ground.open('status');
      const traffic = page.locator('.cbi-section', { hasText: 'Traffic of this router' });
      const chooser = traffic.getByRole('group', { name: 'Exit node' });
      await traffic.getByRole('button', { name: 'Choose …' }).click();
      const laptop = chooser.getByRole('option', { name: 'laptop' });
      await chooser.getByRole('combobox').selectOption(await laptop.getAttribute('value'));
      await chooser.getByRole('button', { name: 'Use it' }).click();
      await untilConfirmed(page, ground.site);
      assert.is((await status()).exit_node?.name?.split('.')[0], 'laptop');
      await traffic.getByRole('strong').filter({ hasText: 'laptop' }).waitFor();
      assert.not(await chooser.getByRole('combobox').isVisible());

      await traffic.getByRole('button', { name: 'Use none' }).click();
      await untilConfirmed(page, ground.site);
      assert.is((await status()).exit_node, null);
      await traffic.getByRole('button', { name: 'Use none' }).waitFor({ state: 'detached' });
      assert.not(await traffic.getByRole('strong').isVisible());
    });

    scenario('a setting is changed; what cannot be is refused where it stands', async () => {
      const { page } = await ground.open('settings');
      const { field, about } = preferenceField(page, 'Name');
      const apply = page.getByRole('button', { name: 'Apply', exact: true }).first();
      await field.fill('attic-router');
      await about.getByText('● Changed').waitFor();
      await apply.click();
      await about.getByText('● Changed').waitFor({ state: 'detached' });
      assert.is(await preference('hostname'), 'attic-router');
      assert.is(await field.inputValue(), 'attic-router');
      await assertNoComplaint(page);

      await field.fill('my router');
      await apply.click();
      const complaint = about.getByRole('alert');
      await complaint.waitFor();
      assert.match(await complaint.innerText(), /letters, digits and hyphens.*\(not-a-host-name\)/);
      assert.is(await field.getAttribute('aria-invalid'), 'true');
      assert.is(await page.evaluate('document.activeElement.value'), 'my router');
      assert.is(await preference('hostname'), 'attic-router');

      await page.getByRole('button', { name: 'Reset', exact: true }).first().click();
      await complaint.waitFor({ state: 'detached' });
      assert.is(await field.inputValue(), 'attic-router');
      assert.is(await field.getAttribute('aria-invalid'), 'false');
    });

    scenario('what the command line changes is on the page soon; what somebody types stays', async () => {
      const { page } = await ground.open('settings');
      const { field } = preferenceField(page, 'Name');
      const nickname = preferenceField(page, 'Nickname');
      await nickname.field.fill('half a wor');
      if (ground.site instanceof LuciSite)
        await ground.site.router.succeed(['tailscale', 'set', '--hostname=by-hand']);
      else await ground.site.ask('set', { preferences: { hostname: 'by-hand' } });
      await waitFor('it is shown', soon, async () => (await field.inputValue()) === 'by-hand');
      assert.is(await nickname.field.inputValue(), 'half a wor');
      assert.ok(await nickname.about.getByText('● Changed').isVisible());
      assert.is(await preference('nickname'), '');
    });

    scenario('a route that somebody offers waits for its approval, and then does not', async () => {
      const { page } = await ground.open('status');
      await connected(page).waitFor();
      const box = page.locator('[data-problem=routes-unapproved]');
      assert.is(await box.count(), 0);
      const { job } = await ground.site.ask('set', { preferences: { advertise_routes: ['10.9.0.0/16'] } });
      await othersChange(page).waitFor({ timeout: soon * 1000 });
      await keepIt(page).click();
      await othersChange(page).waitFor({ state: 'detached' });
      assert.is((await untilEnded(ground.site, job))['state'], 'done');
      await assertNoComplaint(page);
      const route = page.getByText('10.9.0.0/16').locator('xpath=..');
      await route.filter({ hasText: 'waits for approval' }).waitFor({ timeout: soon * 1000 });
      await box.filter({ hasText: '10.9.0.0/16' }).waitFor();

      await approveOwn(ground.site, ['10.9.0.0/16']);
      await route.filter({ hasText: '✓ approved' }).waitFor({ timeout: soon * 1000 });
      await box.waitFor({ state: 'detached' });
    });

    scenario('what this page could not confirm is undone, and it says so', async () => {
      const { page } = await ground.open('settings');
      const { field: shields, about } = preferenceField(page, 'Shields up');
      await shields.waitFor();
      let failed = 0;
      await page.route('**/*', async (route) => {
        if (!/"confirm"/.test(route.request().postData() ?? '')) return route.continue();
        failed++;
        return route.abort();
      });
      await shields.check();
      await page.getByRole('button', { name: 'Apply', exact: true }).first().click();
      await ownChange(page).waitFor();
      assert.is(await preference('shields_up'), true);
      await waitFor('the page has tried to confirm it', 20, () => failed > 0);
      if (ground.site instanceof LuciSite) await shorten(ground.site);
      await waitFor('it is undone', confirmSeconds + 10, async () => !(await preference('shields_up')));
      await page.unroute('**/*');
      await undone(page).waitFor();
      assert.not(await ownChange(page).isVisible());
      await waitFor('the box shows it', soon, async () => !(await shields.isChecked()));
      assert.is(await about.getByText('● Changed').count(), 0);
    });

    scenario('Disconnect is confirmed by the page itself; Connect is back at once', async () => {
      const { page } = await ground.open('status');
      await page.getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('heading', { name: /is not connected/ }).waitFor();
      await untilConfirmed(page, ground.site);
      assert.is((await status()).state, 'Stopped');
      assert.not(await connected(page).isVisible());
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await connected(page).waitFor();
      assert.is((await status()).state, 'Running');
      assert.is(await page.getByRole('button', { name: 'Connect', exact: true }).count(), 0);
      await assertNoComplaint(page);
    });

    scenario('a device is found, and pinged until it answers directly', async () => {
      const { page } = await ground.open('devices');
      const row = page.getByRole('button', { name: 'laptop' });
      await row.waitFor();
      const search = page.getByPlaceholder('Search');
      await search.fill('nobody');
      await page.getByText('No device matches.').waitFor();
      assert.not(await row.isVisible());
      await search.fill('LAP');
      await row.click();

      await page.getByRole('button', { name: 'Ping' }).click();
      const answers = page.getByRole('log');
      const direct = answers.getByText(/^direct \S+:\d+ [\d.]+ ms$/);
      // A first answer may come through the relay; twenty are asked for.
      await direct.waitFor({ timeout: 30_000 });
      const texts = await answers.locator('span').allInnerTexts();
      assert.is(texts.filter((text) => text.startsWith('direct')).length, 1);
      for (const text of texts) assert.match(text, /^(direct \S+:\d+|relayed by test) [\d.]+ ms$/);
      await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
      await waitFor('it can be pressed again', 10, () =>
        page.getByRole('button', { name: 'Ping' }).isEnabled()
      );
    });

    scenario('addresses and names are copied', async () => {
      const { self } = await status();
      const [first = '', second = ''] = self?.addresses ?? [];
      const here = await ground.open('status');
      await connected(here.page).waitFor();
      for (const text of [first, second, self?.name ?? '']) await assertCopied(here.page, text);

      const { page } = await ground.open('devices');
      await page.getByRole('button', { name: 'laptop' }).click();
      await assertCopied(page, await ground.site.laptop.cli.ip());
    });
  },
  { TSR_CONFIRM_S: `${confirmSeconds}` }
);

/** A preference of Tailscale's, and what stands below it. */
function preferenceField(page: Page, label: string): Record<'field' | 'about', Locator> {
  const line = page.locator('.cbi-value').filter({ has: page.getByText(label, { exact: true }) });
  const field = line.getByLabel(label, { exact: true });
  return { field: field.first(), about: line.locator('.cbi-value-description').first() };
}

/** By its button it gets to where it can be pasted from. */
async function assertCopied(page: Page, text: string): Promise<void> {
  const button = page.getByRole('button', { name: `Copy ${text}`, exact: true });
  await button.click();
  await page.getByText('✓', { exact: true }).first().waitFor();
  await page.evaluate(`
    document.body.prepend(Object.assign(document.createElement('textarea'), { id: 'pasted' }));
    document.querySelector('#pasted').focus();
  `);
  await page.keyboard.press('Control+V');
  assert.is(await page.locator('#pasted').inputValue(), text);
  await page.evaluate(`document.querySelector('#pasted').remove()`);
}

/** Nobody waits for ninety seconds: another agent, which finds that only four are left. */
async function shorten({ router }: LuciSite): Promise<void> {
  const file = 'etc/tailscale-ram/unconfirmed.json';
  await router.succeed(['kill', '-9', await agentPid(router)]);
  const record = JSON.parse((await router.read(file)) ?? '') as object;
  const uptime = Number.parseInt((await router.read('proc/uptime')) ?? '');
  await router.write(file, JSON.stringify({ ...record, until: uptime + 4 }));
}
