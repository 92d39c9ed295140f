import type { Locator, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { luciOf, problemBox, unfolded } from './luci-steps.ts';
import { eachSite } from './support/each-site.ts';
import type { LuciSite } from './support/luci-site.ts';

/** LuCI undoes what nobody confirms after so many seconds. */
const ROLLBACK = 90;

await eachSite('who may reach whom', (scenario, ground) => {
  const luci = (): LuciSite => luciOf(ground.site);
  const get = async (name: string): Promise<string> =>
    (await luci().router.exec(['uci', '-q', 'get', name])).stdout.trim();
  const becomes = async (name: string, value: string): Promise<void> => {
    await luci().router.until(`${name} is ${value || 'gone'}`, 20, async () => (await get(name)) === value);
  };
  /** The policy, as UCI has it; empty if nobody has decided anything. */
  const policy = async (): Promise<string[]> => {
    const { stdout } = await luci().router.exec(['uci', '-q', 'show', 'tailscale-ram.policy']);
    return stdout.trim().replaceAll('tailscale-ram.policy', '').split('\n').filter(Boolean);
  };

  scenario('there is a zone for guests', async () => {
    const options = { name: 'guest', input: 'REJECT', output: 'ACCEPT', forward: 'REJECT' };
    const lines = Object.entries(options).map(([name, value]) => `set firewall.guest.${name}=${value}`);
    await luci().router.succeed('uci -q batch; uci commit firewall; reload_config', {
      input: ['set firewall.guest=zone', ...lines, ''].join('\n')
    });
    await becomes('firewall.tailscale_ram_zone.input', 'ACCEPT');
    await becomes('firewall.tailscale_ram_from_lan', 'forwarding');
  });

  scenario('what nobody has touched is not written', async () => {
    const page = await openPolicy();
    for (const title of ['LAN → tailnet', 'tailnet → LAN'])
      assert.equal(await ticked(page, title), { lan: true, guest: false });
    assert.ok(await flag(page, 'tailnet_to_router').isChecked());
    assert.not(await flag(page, 'upstream').isChecked());
    // What was changed and changed back, too.
    for (const box of [zone(page, 'LAN → tailnet', 'lan'), zone(page, 'tailnet → LAN', 'guest')]) {
      await box.click();
      await box.click();
    }
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForTimeout(1500);
    assert.equal(await policy(), []);
    assert.is(await page.locator('[data-indicator=uci-changes]').count(), 0);
  });

  scenario('tailnet → router is switched off, and on again', async () => {
    const page = await openPolicy();
    await flag(page, 'tailnet_to_router').uncheck();
    await saveAndApply(page);
    await becomes('firewall.tailscale_ram_zone.input', 'REJECT');
    await applied(page);
    assert.equal(await policy(), ['=policy', ".tailnet_to_router='0'"]);
    const { stdout } = await luci().router.exec('nft list chain inet fw4 input_tailscale');
    assert.match(stdout, /reject_from_tailscale/);

    const again = await openPolicy();
    await flag(again, 'tailnet_to_router').check();
    await saveAndApply(again);
    await becomes('firewall.tailscale_ram_zone.input', 'ACCEPT');
    await applied(again);
    assert.equal(await policy(), ['=policy']);
  });

  scenario('zones are let in and kept out; nobody is nobody', async () => {
    const page = await openPolicy();
    await zone(page, 'LAN → tailnet', 'lan').uncheck();
    await zone(page, 'tailnet → LAN', 'guest').check();
    await saveAndApply(page);
    await becomes('firewall.tailscale_ram_from_lan', '');
    await becomes('firewall.tailscale_ram_to_guest', 'forwarding');
    assert.is(await get('firewall.tailscale_ram_to_lan'), 'forwarding');
    await applied(page);
    assert.equal(await policy(), ['=policy', ".lan_to_tailnet='none'", ".tailnet_to_lan='lan' 'guest'"]);

    const again = await openPolicy();
    assert.equal(await ticked(again, 'LAN → tailnet'), { lan: false, guest: false });
    assert.equal(await ticked(again, 'tailnet → LAN'), { lan: true, guest: true });
    await zone(again, 'LAN → tailnet', 'lan').check();
    await saveAndApply(again);
    await becomes('firewall.tailscale_ram_from_lan', 'forwarding');
    await applied(again);
  });

  scenario('a zone that is gone is shown, so that it can be left out', async () => {
    await luci().router.succeed('uci -q delete firewall.guest; uci commit firewall; reload_config');
    const page = await openPolicy();
    assert.equal(await ticked(page, 'tailnet → LAN'), { lan: true, guest: true });
    const status = await ground.open('status');
    const box = problemBox(status.page, 'zone-missing');
    await unfolded(status.page, box);
    assert.match(await box.innerText(), /there is no zone guest.*Settings → This router/s);
    await zone(page, 'tailnet → LAN', 'guest').uncheck();
    await saveAndApply(page);
    await applied(page);
    assert.equal(await policy(), ['=policy', ".lan_to_tailnet='lan'", ".tailnet_to_lan='lan'"]);
    await box.waitFor({ state: 'detached' });
  });

  scenario('what cuts the browser off is undone, and the firewall follows', async () => {
    const before = await policy();
    const page = await openPolicy();
    await flag(page, 'tailnet_to_router').uncheck();
    await zone(page, 'LAN → tailnet', 'lan').uncheck();
    const asked = page.waitForResponse(/apply_rollback/);
    await saveAndApply(page);
    await asked;
    await page.context().setOffline(true);
    await becomes('firewall.tailscale_ram_zone.input', 'REJECT');
    await becomes('firewall.tailscale_ram_from_lan', '');
    await waitFor('it is undone', ROLLBACK + 10, async () => (await policy()).join() === before.join());
    await becomes('firewall.tailscale_ram_zone.input', 'ACCEPT');
    await becomes('firewall.tailscale_ram_from_lan', 'forwarding');
    await page.context().setOffline(false);
  });

  scenario('without an agent, zones can be typed', async () => {
    await luci().router.succeed(
      'uci -q delete tailscale-ram.policy; uci commit tailscale-ram; reload_config'
    );
    const page = await openPolicy({});
    const list = page.locator('[data-name=lan_to_tailnet]');
    await list.getByRole('textbox').fill('lan');
    await list.getByRole('textbox').press('Enter');
    await saveAndApply(page);
    await applied(page);
    assert.equal(await policy(), ['=policy', ".lan_to_tailnet='lan'"]);
  });

  /** Who may only look sees it. */
  scenario('who may only look cannot change it', async () => {
    const page = await openPolicy(undefined, true);
    assert.ok(await zone(page, 'LAN → tailnet', 'lan').isChecked());
    assert.ok(await zone(page, 'LAN → tailnet', 'lan').isDisabled());
    assert.ok(await flag(page, 'tailnet_to_router').isDisabled());
  });

  const openPolicy = async (answers?: Record<string, never>, readonly = false): Promise<Page> => {
    const { page } = await ground.open('settings', { readonly, ...(answers && { answers }) });
    await page.getByRole('link', { name: 'Who reaches whom' }).click();
    await flag(page, 'tailnet_to_router').waitFor();
    return page;
  };
});

/** LuCI’s own boxes have no label of theirs. */
function flag(page: Page, name: string): Locator {
  return page.locator(`[data-name=${name}] input[type=checkbox]`);
}

function zones(page: Page, title: string): Locator {
  return page.getByRole('group', { name: title, exact: true });
}

function zone(page: Page, title: string, name: string): Locator {
  return zones(page, title).getByLabel(name, { exact: true });
}

async function ticked(page: Page, title: string): Promise<Record<string, boolean>> {
  const boxes = await zones(page, title).getByRole('checkbox').all();
  const found = await Promise.all(
    boxes.map(async (box) => [await box.inputValue(), await box.isChecked()] as const)
  );
  return Object.fromEntries(found);
}

async function saveAndApply(page: Page): Promise<void> {
  await page.locator('.cbi-page-actions li', { hasText: 'Save & Apply' }).click();
}

/** LuCI has confirmed it by itself. */
async function applied(page: Page): Promise<void> {
  await page.getByText('Configuration changes applied').waitFor();
}
