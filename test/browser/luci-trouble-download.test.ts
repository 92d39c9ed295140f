import * as assert from 'uvu/assert';
import type { Fault } from '../../dev/mirror/faults.ts';
import { testVersions } from '../../src/shared/versions.ts';
import { loggedOut, stayedOpen } from './login-steps.ts';
import { emptyRam, luciSite, service } from './on-router.ts';
import { box, press, untilGone, untilTold } from './problem-steps.ts';
import { eachSite } from './support/each-site.ts';
import { visit, type Visit } from './support/visit.ts';

/** What keeps Tailscale from being fetched: each by its real cause, one after the other, on one page. */
await eachSite('while Tailscale cannot be fetched', (scenario, ground) => {
  let open: Visit;
  let assertStayed: () => Promise<void>;

  scenario('without the Internet, and goes on by itself when that is back', async () => {
    const { desk, router } = luciSite(ground);
    await router.uci('set', 'tailscale-ram.main.daily_archives=100');
    await router.uci('commit', 'tailscale-ram');
    await emptyRam(router);
    await desk.surroundings.wan.disconnect();
    await router.succeed([service, 'start']);
    // For all of them: a page that stays open.
    open = await visit(ground.browser, ground.site, 'status');
    const { page } = open;
    assertStayed = await stayedOpen(page);
    const told = await untilTold(page, 'network-unreachable', /cannot be reached/, 40);
    assert.is(await page.locator('[aria-current=step] strong').innerText(), 'internet');
    // In vain; then it says the same.
    await press(told, 'Try now');
    await told.getByRole('button', { name: 'Try now' }).and(page.locator(':enabled')).waitFor();
    assert.ok(await told.isVisible());

    desk.mirror.setFault({ kind: 'index', wrong: 'not-json' });
    await desk.surroundings.wan.connect();
    await untilTold(page, 'index-unreadable', /list of versions/, 40);
    await untilGone(page, 'network-unreachable');
  });

  const faults: [code: string, words: RegExp, Fault][] = [
    ['http-error', /refused/, { kind: 'status', status: 500, on: 'index' }],
    ['clock-not-set', /time/, { kind: 'certificate', certificate: 'not-yet-valid' }],
    ['checksum-mismatch', /checksum/, { kind: 'sha256', wrong: 'of-another-file' }]
  ];
  let before = 'index-unreadable';
  for (const [code, words, fault] of faults)
    scenario(`${code}, after [Try now]`, async () => {
      const { page } = open;
      luciSite(ground).desk.mirror.setFault(fault);
      await press(box(page, before), 'Try now');
      await untilTold(page, code, words, 60);
      await untilGone(page, before);
      before = code;
      assert.not(await loggedOut(page).isVisible());
    });

  scenario('memory-low, until there is enough', async () => {
    const { desk, router } = luciSite(ground);
    const { page } = open;
    desk.mirror.setFault();
    await router.uci('set', 'tailscale-ram.main.reserve_mb=99999');
    await router.uci('commit', 'tailscale-ram');
    await router.succeed([service, 'reload']);
    const told = await untilTold(page, 'memory-low', /memory/i);
    assert.match(await told.innerText(), /needs \d+ MB.*\d+ MB are free/);
    await press(told, 'Try now');
    await told.getByRole('button', { name: 'Try now' }).and(page.locator(':enabled')).waitFor();
    await untilTold(page, 'memory-low', /memory/i);
    await router.uci('set', 'tailscale-ram.main.reserve_mb=auto');
  });

  scenario('other-tailscaled, which no button removes', async () => {
    const { router } = luciSite(ground);
    const { page } = open;
    await router.copy('/bin/sleep', '/tmp/tailscaled');
    await router.succeed('chmod +x /tmp/tailscaled; start-stop-daemon -S -b -x /tmp/tailscaled -- 1000');
    await router.uci('commit', 'tailscale-ram');
    await router.succeed([service, 'reload']);
    const told = await untilTold(page, 'other-tailscaled', /Another Tailscale/);
    assert.match(await told.innerText(), /runs \/tmp\/tailscaled[^]*take_over/);
    assert.is(await told.getByRole('button').count(), 0);
    await untilGone(page, 'memory-low');
    await router.succeed('kill $(pidof tailscaled)');
  });

  scenario('version-missing, until the newest is taken; then there is the login', async () => {
    const { router } = luciSite(ground);
    const { page } = open;
    await router.uci('set', 'tailscale-ram.main.version=1.2.3');
    await router.uci('commit', 'tailscale-ram');
    await router.succeed([service, 'reload']);
    const told = await untilTold(page, 'version-missing', /version/i);
    await untilGone(page, 'other-tailscaled');
    await press(told, 'Take the newest');
    await loggedOut(page).waitFor({ timeout: 60_000 });
    await untilGone(page, 'version-missing');
    assert.is(await page.locator('[data-problem]').count(), 0);
    assert.is(await router.uci('-q', 'get', 'tailscale-ram.main.version').catch(() => ''), '');
    assert.is((await ground.site.ask('status'))['version'], testVersions.latest);
    await assertStayed();
    assert.equal(
      open.problems.filter((problem) => !/Failed to load resource/.test(problem)),
      []
    );
    await open.close();
  });
});
