import type { Locator, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { daemonPids } from '../../dev/router/desk.ts';
import { realRelease } from '../../dev/tailnet/tailnet.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { Status } from '../../src/shared/status.ts';
import { testVersions } from '../../src/shared/versions.ts';
import { approveOwn, numberOf, offerExitNode } from './approve.ts';
import { untilConfirmed } from './confirm-steps.ts';
import { assertNoComplaint, connected, loggedOut, shownLink } from './login-steps.ts';
import { fetchAnew, luciOf, service, stopAll } from './luci-steps.ts';
import { eachSite } from './support/each-site.ts';
import type { LuciSite } from './support/luci-site.ts';
import { logIn } from './support/site.ts';

await eachSite('what is wrong in the tailnet', (scenario, ground) => {
  const luci = (): LuciSite => luciOf(ground.site);
  const status = async (): Promise<Status> => (await luci().ask('status')) as unknown as Status;
  const problemBox = (page: Page, code: string): Locator => page.locator(`[data-problem=${code}]`);

  scenario('an unattended login with a wrong key: why it did not succeed', async () => {
    const { desk, router } = luci();
    const { page } = await ground.open('status');
    await router.write('etc/tailscale-ram/auth-key', 'hskey-auth-that-nobody-has-ever-given-away\n', 0o600);
    await router.succeed(
      `uci set tailscale-ram.provision=provision
       uci set tailscale-ram.provision.login_server=${desk.headscale.url}
       uci set tailscale-ram.provision.auth_key_file=/etc/tailscale-ram/auth-key
       uci commit tailscale-ram; reload_config`
    );
    const box = problemBox(page, 'provision-failed');
    await unfolded(page, box);
    assert.match(await box.innerText(), /unattended login did not succeed/);
    await router.succeed('uci delete tailscale-ram.provision; uci commit tailscale-ram; reload_config');
    await router.succeed(['rm', '/etc/tailscale-ram/auth-key']);
    await router.succeed([service, 'restart']);
    await box.waitFor({ state: 'detached' });
  });

  scenario('a new version is out, and its button brings it', async () => {
    const { desk, router } = luci();
    const { page } = await ground.open('status');
    const older = await realRelease(testVersions.older);
    await stopAll(luci());
    desk.mirror.setReleases([older]);
    await fetchAnew(luci());
    await inTailnet();
    assert.is((await status()).version, testVersions.older);
    desk.mirror.setReleases([await realRelease(testVersions.latest), older]);
    await router.succeed([service, 'restart']);
    const box = problemBox(page, 'update-available');
    // A minute after its start, and once a day.
    await box.waitFor({ state: 'attached', timeout: 100_000 });
    await unfolded(page, box);
    assert.match(await box.innerText(), `Tailscale ${testVersions.latest} is out`);
    await box.getByRole('button', { name: 'Update now' }).click();
    await box.waitFor({ state: 'detached' });
    assert.is((await status()).version, testVersions.latest);
    await connected(page).waitFor();
    await page.getByText(`Tailscale ${testVersions.latest} ·`).waitFor();
    await assertNoComplaint(page);
  });

  scenario('and the one before is brought back by a button', async () => {
    const { page } = await ground.open('status');
    const back = page.getByRole('button', { name: 'Go back to the version before' });
    await back.click();
    await page.getByRole('alert').getByText('No other version has run here for ten minutes.').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    // What the agent writes after ten minutes.
    await luci().router.write('etc/tailscale-ram/last-good', `${testVersions.older} amd64 official\n`);
    await back.click();
    await page.getByText(`Tailscale ${testVersions.older}`).waitFor();
    await connected(page).waitFor();
    assert.is((await status()).version, testVersions.older);
    await assertNoComplaint(page);
  });

  scenario('the exit node is offline: one button, and none is used', async () => {
    const { desk } = luci();
    await inTailnet();
    await offerExitNode(luci());
    const id = await waitFor('the agent knows an exit node', 20, async () => {
      const found = (await luci().ask('exit_nodes'))['exit_nodes'] as { id: string }[];
      return found[0]?.id;
    });
    const { job } = await luci().ask('exit_node', { id });
    await luci().ask('confirm', { job });
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    await desk.peer.cli.succeed('down');
    const box = problemBox(page, 'exit-node-offline');
    await box.filter({ hasText: 'The exit node laptop' }).waitFor({ timeout: 90_000 });
    await box.getByRole('button', { name: 'Use no exit node' }).click();
    await untilConfirmed(page, luci());
    await box.waitFor({ state: 'detached' });
    assert.is((await status()).exit_node, null);
    await desk.peer.cli.succeed('up');
  });

  scenario('a route that waits for approval is told of, with where to approve it', async () => {
    await inTailnet();
    const { page } = await ground.open('status');
    const { job } = await luci().ask('set', { preferences: { advertise_routes: ['10.7.0.0/16'] } });
    await luci().ask('confirm', { job });
    const box = problemBox(page, 'routes-unapproved');
    await box.filter({ hasText: '10.7.0.0/16' }).waitFor();
    assert.is(await box.getByRole('link').getAttribute('href'), luci().headscale.url);
    await approveOwn(luci(), ['10.7.0.0/16']);
    await box.waitFor({ state: 'detached' });
  });

  scenario('the policy puts back what the command line changed, and that is told', async () => {
    await inTailnet();
    const { page } = await ground.open('status');
    await luci().router.succeed(['tailscale', 'set', '--accept-dns=true']);
    await unfolded(page, problemBox(page, 'policy-overridden'));
  });

  scenario('Tailscale does not answer; when it does again, the box goes', async () => {
    await inTailnet();
    const { router } = luci();
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    const pid = await daemonPids(router);
    await router.succeed(['kill', '-STOP', pid]);
    const box = problemBox(page, 'daemon-unreachable');
    await box.filter({ hasText: 'does not answer' }).waitFor({ timeout: 180_000 });
    await router.succeed(['kill', '-CONT', pid]);
    await box.waitFor({ state: 'detached' });
    await connected(page).waitFor();
  });

  scenario('the login server cannot be reached', async () => {
    await inTailnet();
    const { router } = luci();
    const { page } = await ground.open('status');
    const address = new URL(luci().headscale.url).hostname;
    await router.succeed(
      `nft 'add table ip away; add chain ip away out { type filter hook output priority 0; };
        add rule ip away out ip daddr ${address} reject'; kill -9 $(pidof tailscaled)`
    );
    const box = problemBox(page, 'control-unreachable');
    await box.filter({ hasText: address }).waitFor({ timeout: 100_000 });
    await router.succeed('nft delete table ip away');
    await box
      .getByRole('button', { name: 'Look for a way again' })
      .click({ timeout: 5000 })
      // It may have found one by itself meanwhile.
      .catch(() => undefined);
    await box.waitFor({ state: 'detached' });
    await connected(page).waitFor({ timeout: 90_000 });
    await assertNoComplaint(page);
  });

  scenario('Tailscale ends again and again: the version before is a button away', async () => {
    await inTailnet();
    const { router } = luci();
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    for (let deaths = 0; deaths < 3; deaths++) {
      const pid = await daemonPids(router);
      await router.succeed(['kill', '-9', pid]);
      await router.until('it starts again', 40, async () => {
        const now = await daemonPids(router);
        return now !== '' && now !== pid;
      });
    }
    const box = problemBox(page, 'daemon-crash-loop');
    await unfolded(page, box);
    assert.match(await box.innerText(), /has ended \d+ times in a row/);
    await box.getByRole('button', { name: 'Go back to the version before' }).waitFor();
  });

  scenario('the key has expired: by the button and a link it is back', async () => {
    await inTailnet();
    const { headscale, router } = luci();
    await router.succeed('rm -f /var/run/tailscale-ram/starts');
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    await headscale.expire(await numberOf(headscale, (await status()).self?.addresses[0]));
    const box = problemBox(page, 'key-expired');
    await box.filter({ hasText: 'has expired' }).waitFor();
    await box.getByRole('button', { name: 'Log in again' }).click();
    await headscale.registerNode(luci().userName, await shownLink(page));
    await connected(page).waitFor();
    await box.waitFor({ state: 'detached' });
    await assertNoComplaint(page);
  });

  scenario('the identity cannot be read: only who types its name removes it', async () => {
    await inTailnet();
    const { router } = luci();
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    await stopAll(luci());
    await router.write('etc/tailscale/tailscaled.state', '{"_machinekey": "broken', 0o600);
    await fetchAnew(luci());
    const box = problemBox(page, 'identity-unreadable');
    await box.filter({ hasText: 'cannot be read' }).waitFor();
    await box.getByRole('button', { name: 'Remove the identity' }).click();
    const dialog = page.locator('.modal');
    const go = dialog.getByRole('button', { name: 'Remove the identity' });
    assert.ok(await go.isDisabled());
    await dialog.getByRole('textbox').fill('Tailscale');
    await go.click();
    await box.waitFor({ state: 'detached' });
    await loggedOut(page).waitFor();
  });

  /** Logged in, whatever was before. */
  async function inTailnet(): Promise<void> {
    await waitFor('Tailscale is ready', 60, async () => {
      const state = await status().then(
        (found) => found.state,
        () => null
      );
      return state === 'NeedsLogin' || state === 'Running';
    });
    await logIn(luci());
  }

  /** It is there, whatever is worse. */
  async function unfolded(page: Page, box: Locator): Promise<void> {
    await box.waitFor({ state: 'attached' });
    await page.evaluate('for (const each of document.querySelectorAll("#view details")) each.open = true');
    await box.waitFor();
  }
});
