import type { Page, Response } from 'playwright-core';
import * as assert from 'uvu/assert';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { Status } from '../../src/shared/status.ts';
import {
  askForLink,
  assertNoComplaint,
  connected,
  loggedOut,
  otherWays,
  sendKey,
  stayedOpen
} from './login-steps.ts';
import { assertQrCode } from './qr-code.ts';
import { eachSite } from './support/each-site.ts';

await eachSite('from the first start to the tailnet', (scenario, ground) => {
  const status = async (): Promise<Status> => (await ground.site.ask('status')) as unknown as Status;

  scenario('as long as nobody has logged in, the pages say so, and where to', async () => {
    const { page } = await ground.open('status');
    await loggedOut(page).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Log in', exact: true }).isEnabled());
    assert.not(await connected(page).isVisible());
    assert.is(await page.getByRole('img', { name: 'QR code' }).count(), 0);
    assert.is(await page.getByRole('button', { name: 'Disconnect' }).count(), 0);

    const devices = await ground.open('devices');
    await devices.page.getByText('This router is not in a tailnet now').waitFor();
    assert.not(await devices.page.getByPlaceholder('Search').isVisible());
    await devices.page.locator('#view').getByRole('link', { name: 'Status' }).click();
    await loggedOut(devices.page).waitFor();
  });

  scenario('by link: it is shown, also as a QR code; cancelled, the form is back', async () => {
    const { page } = await ground.open('status');
    const link = await askForLink(page, ground.site);
    assert.ok(link.startsWith(`${ground.site.headscale.url}/register/`), link);
    assert.is((await status()).login_url, link);
    const code = page.getByRole('img', { name: 'QR code' });
    await code.waitFor();
    await assertQrCode(code, link);
    await page.getByText('Waiting for your approval').waitFor();
    assert.not(await page.getByRole('button', { name: 'Log in', exact: true }).isVisible());

    const told = untilToldOf(page, 'cancelled');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
    await loggedOut(page).waitFor();
    assert.not(await code.isVisible());
    assert.not(await page.getByText('Waiting for your approval').isVisible());
    await waitFor('nothing is under way', 10, async () => (await status()).login_url === null);
    await told;
    await assertNoComplaint(page);
  });

  scenario('by link: once it is approved, the page goes on by itself', async () => {
    const { page } = await ground.open('status');
    const assertStayed = await stayedOpen(page);
    const link = await askForLink(page, ground.site);
    assert.not(await connected(page).isVisible());
    await ground.site.headscale.registerNode(ground.site.userName, link);
    await connected(page).waitFor();
    await assertStayed();

    const { self, state, tailnet } = await status();
    assert.is(state, 'Running');
    const heading = await connected(page).innerText();
    assert.match(heading, `Connected as ${self?.name.split('.')[0] ?? '?'} in ${tailnet?.name ?? '?'}`);
    for (const address of self?.addresses ?? [])
      await page.getByText(address, { exact: true }).first().waitFor();
    assert.not(await page.getByRole('img', { name: 'QR code' }).isVisible());
    assert.not(await loggedOut(page).isVisible());
    // headscale lets it live for ever.
    assert.is(self?.key_expiry, null);
    await page.getByText('It never expires.').waitFor();
    assert.is(await page.getByText('nobody reaches it until you log in again').count(), 0);
  });

  scenario('logging out wants the name of the device', async () => {
    const name = (await status()).self?.host_name ?? '';
    assert.ok(name);
    const { page } = await ground.open('settings');
    await page.getByRole('button', { name: 'Log out …' }).click();
    const dialog = page.getByRole('dialog');
    const go = dialog.getByRole('button', { name: 'Log out' });
    const field = dialog.getByRole('textbox');
    assert.ok(await go.isDisabled());
    await field.fill(name.slice(0, -1));
    assert.ok(await go.isDisabled());

    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.is((await status()).state, 'Running');

    await page.getByRole('button', { name: 'Log out …' }).click();
    assert.ok(await go.isDisabled());
    await field.fill(name);
    await go.click();
    await dialog.waitFor({ state: 'hidden' });
    await assertNoComplaint(page);
    assert.is((await status()).state, 'NeedsLogin');
    const after = await ground.open('status');
    await loggedOut(after.page).waitFor();
  });

  for (const [what, key, words] of [
    [
      'that nobody has given out',
      'hskey-auth-nobody-gave-me-this-one',
      /login server refused.*key.*\(login-refused\)/i
    ],
    ['that is none', 'open sesame', /auth keys begin with tskey-auth-/]
  ] as const)
    scenario(`a key ${what}: it says why, and another one can be tried`, async () => {
      const { page } = await ground.open('status');
      await sendKey(page, ground.site, key);
      const { key: field, go } = await otherWays(page);
      assert.is(await field.inputValue(), '');
      const alert = page.getByRole('alert').filter({ hasText: words });
      await alert.waitFor();
      assert.not((await page.locator('body').innerText()).includes(key));
      assert.ok(await field.isVisible());
      await waitFor('it can be pressed again', 10, () => go.isEnabled());
      assert.is(await field.inputValue(), '');
      assert.is((await status()).state, 'NeedsLogin');
      assert.not(await connected(page).isVisible());
    });

  scenario('by key, which is kept nowhere', async () => {
    const { page, requests } = await ground.open('status');
    const assertStayed = await stayedOpen(page);
    const { key } = await otherWays(page);
    assert.is(await key.getAttribute('type'), 'password');
    assert.is(await key.getAttribute('autocomplete'), 'off');
    await sendKey(page, ground.site, ground.site.authKey);
    assert.is(await key.inputValue(), '');
    await connected(page).waitFor();
    await assertStayed();
    assert.not(await loggedOut(page).isVisible());
    await assertNoComplaint(page);

    const kept = { ...(await whatIsKept(page)), requests, status: await status() };
    for (const [place, content] of Object.entries(kept))
      assert.not(JSON.stringify(content).includes(ground.site.authKey), place);
  });
});

/** Waits for an answer with this word, which comes in the next second if the page still asks for it. */
async function untilToldOf(page: Page, word: string): Promise<void> {
  const isIt = async (response: Response): Promise<boolean> => (await response.text()).includes(`"${word}"`);
  await page.waitForResponse(isIt, { timeout: 3000 }).catch(() => undefined);
}

/** All that a page can keep a text in, unless it only lives in a variable. */
async function whatIsKept(page: Page): Promise<Record<string, unknown>> {
  return {
    document: await page.content(),
    fields: await page.evaluate(
      '[...document.querySelectorAll("input, textarea")].map(({ value }) => value)'
    ),
    sessionStorage: await page.evaluate('({ ...sessionStorage })'),
    localStorage: await page.evaluate('({ ...localStorage })'),
    history: await page.evaluate('[location.href, history.state, document.title]'),
    cookies: await page.context().cookies()
  };
}
