import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { daemonPids } from '../../dev/router/desk.ts';
import { realRelease } from '../../dev/tailnet/tailnet.ts';
import { Testcontrol } from '../../dev/tailnet/testcontrol.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { Status } from '../../src/shared/status.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { approveOwn, numberOf, offerExitNode } from './approve.ts';
import { untilConfirmed } from './confirm-steps.ts';
import { assertNoComplaint, connected, loggedOut, sendKey, shownLink } from './login-steps.ts';
import { fetchAnew, luciOf, problemBox, service, stopAll, unfolded } from './luci-steps.ts';
import { eachSite } from './support/each-site.ts';
import type { LuciSite } from './support/luci-site.ts';
import { logIn } from './support/site.ts';

let approving: Testcontrol | undefined;

await eachSite('what is wrong in the tailnet', (scenario, ground) => {
  const luci = (): LuciSite => luciOf(ground.site);
  const status = async (): Promise<Status> => (await luci().ask('status')) as unknown as Status;

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

  scenario('a login on the command line with a wrong key: why it did not succeed', async () => {
    const { desk, router, authKey } = luci();
    const { page } = await ground.open('status');
    await loggedOut(page).waitFor();
    const flags = [
      `--login-server=${desk.headscale.url}`,
      '--auth-key=hskey-auth-nobody-gave-me',
      '--timeout=5s'
    ];
    await router.exec(['tailscale', 'up', ...flags]);
    const box = problemBox(page, 'login-refused');
    await unfolded(page, box);
    assert.match(await box.innerText(), /login server .* refused.*another key/s);
    await box.getByRole('button', { name: 'Log in' }).click();
    assert.is(await page.evaluate('document.activeElement.id'), 'tsr-login');
    await sendKey(page, luci(), authKey);
    await connected(page).waitFor();
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
    // Nothing between them: no newer one is out.
    const version = new RegExp(`Tailscale ${testVersions.latest.replaceAll('.', '\\.')}\\s+Go back`);
    await page.locator('.cbi-value-field', { hasText: version }).waitFor();
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

  scenario('UDP is blocked, which a measurement finds', async () => {
    await inTailnet();
    const { page } = await ground.open('status');
    const diagnostics = await ground.open('diagnostics');
    const measure = async (found: string): Promise<void> => {
      await diagnostics.page.getByRole('button', { name: 'Measure' }).click();
      await diagnostics.page.getByText(found).waitFor();
    };
    const box = problemBox(page, 'no-udp');
    await blocked('udp dport != { 53, 67, 123 }', async () => {
      await measure('✗ UDP is blocked');
      await unfolded(page, box);
    });
    await measure('✓ UDP gets through');
    await box.waitFor({ state: 'detached' });
  });

  scenario('all goes through the relay, until there is another way', async () => {
    await inTailnet();
    const { desk, router } = luci();
    const { page } = await ground.open('status');
    const box = problemBox(page, 'only-relayed');
    await blocked('udp dport != { 53, 67, 123, 3478 }', async () => {
      // What went another way counts for five minutes.
      await router.succeed([service, 'restart']);
      await inTailnet();
      // The agent counts each minute. busybox's ping ends with the first packet that cannot be sent.
      const traffic = router.exec(
        `until [ -e /tmp/enough ]; do ping -c 9 -s 4000 ${desk.peerAddress}; sleep 1; done`,
        { timeout: 200 }
      );
      await box.waitFor({ state: 'attached', timeout: 150_000 });
      await router.succeed(['touch', '/tmp/enough']);
      await traffic;
      await unfolded(page, box);
      assert.match(await box.innerText(), /relayed by test.*41641/s);
    });
    await box.getByRole('button', { name: 'Look for a way again' }).click();
    await desk.peer.cli.pingUntilDirect((await status()).self?.addresses[0] ?? '');
    await box.waitFor({ state: 'detached', timeout: 100_000 });
    await assertNoComplaint(page);
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
    const { page } = await ground.open('status');
    const address = new URL(luci().headscale.url).hostname;
    const box = problemBox(page, 'control-unreachable');
    await blocked(`ip daddr ${address}`, async () => {
      await luci().router.succeed('kill -9 $(pidof tailscaled)');
      await box.filter({ hasText: address }).waitFor({ timeout: 100_000 });
    });
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

  scenario('the key expires soon: where to turn that off, and a login puts it off', async () => {
    await inTailnet();
    const { headscale } = luci();
    const { page } = await ground.open('status');
    await connected(page).waitFor();
    const soon = new Date(Date.now() + (9 * 24 + 1) * 3_600_000);
    await headscale.expire(await numberOf(headscale, (await status()).self?.addresses[0]), soon);
    const box = problemBox(page, 'key-expires-soon');
    await unfolded(page, box);
    assert.match(await box.innerText(), /expires in 9 days/);
    assert.is(await box.getByRole('link').getAttribute('href'), headscale.url);
    await box.getByRole('button', { name: 'Log in again' }).click();
    await headscale.registerNode(luci().userName, await shownLink(page));
    await box.waitFor({ state: 'detached' });
    await connected(page).waitFor();
    await assertNoComplaint(page);
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

  scenario('this router waits for its approval; once that is there, it is connected', async () => {
    const server = await approvingControl();
    await server.wantApproval();
    await luci().router.exec(['tailscale', 'logout']);
    const { page } = await ground.open('status');
    await luci().ask('login', { login_server: server.url, auth_key: 'any' });
    const box = problemBox(page, 'approval-needed');
    await box.filter({ hasText: 'waits for its approval' }).waitFor();
    assert.is(await box.getByRole('link').getAttribute('href'), server.url);
    await server.givePeers(0);
    await box.waitFor({ state: 'detached' });
    await connected(page).waitFor();
    await assertNoComplaint(page);
  });

  /** A control server that can want it, which headscale does not. */
  async function approvingControl(): Promise<Testcontrol> {
    const { internet, authority, directory } = luci().desk;
    approving ??= await Testcontrol.start(
      await internet.addHost('approving'),
      authority,
      join(directory, 'approving')
    );
    return approving;
  }

  /** Of what the router sends, this does not leave it meanwhile. */
  async function blocked(what: string, meanwhile: () => Promise<void>): Promise<void> {
    const { router } = luci();
    await router.succeed(
      `nft 'add table inet blind; add chain inet blind out { type filter hook output priority 0; };
        add rule inet blind out ${what} reject'`
    );
    try {
      await meanwhile();
    } finally {
      await router.succeed('nft delete table inet blind');
    }
  }

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
});
