import type { Locator, Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import type { Fault } from '../../dev/mirror/faults.ts';
import { hostileArchive } from '../../dev/mirror/hostile.ts';
import type { Release } from '../../dev/mirror/release-index.ts';
import { bootstrapState } from '../../dev/router/desk.ts';
import { machineArch, realRelease } from '../../dev/tailnet/tailnet.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { dyingRelease, foreignRelease } from '../support/broken-release.ts';
import { assertNoComplaint, loggedOut, stayedOpen } from './login-steps.ts';
import { fetchAnew, luciOf, service, stopAll } from './luci-steps.ts';
import { eachSite } from './support/each-site.ts';
import type { LuciSite } from './support/luci-site.ts';

/** A cause, what its box has to say, and what takes it away: a button after that, or its button alone. */
interface Trouble {
  code: ErrorCode;
  says: RegExp;
  fault?: Fault;
  /** What else is done before, or while it is fetched, and how it is undone. */
  before?: (site: LuciSite) => unknown;
  during?: (site: LuciSite) => Promise<void>;
  after?: (site: LuciSite) => unknown;
  button: string | null;
}

const uci = (site: LuciSite, ...command: string[]): Promise<string> =>
  site.router.succeed(`uci ${command.join(' ')} && uci commit tailscale-ram && reload_config`);

const latest = await realRelease(testVersions.latest);

const troubles: readonly Trouble[] = [
  {
    code: 'network-unreachable',
    says: /cannot be reached.*no Internet/s,
    before: ({ desk }) => desk.surroundings.wan.disconnect(),
    after: ({ desk }) => desk.surroundings.wan.connect(),
    button: 'Try now'
  },
  {
    code: 'tls-untrusted',
    says: /certificate is not trusted/,
    fault: { kind: 'certificate', certificate: 'unknown-ca' },
    button: 'Try now'
  },
  {
    code: 'http-error',
    says: /refused.*503/s,
    fault: { kind: 'status', on: 'index', status: 503 },
    button: 'Try now'
  },
  {
    code: 'index-unreadable',
    says: /login page/,
    fault: { kind: 'captive-portal', on: 'everything' },
    button: 'Try now'
  },
  {
    code: 'arch-unsupported',
    says: /no Tailscale for this router’s processor/,
    fault: { kind: 'index', wrong: 'without-arch' },
    after: ({ router }) => router.succeed([service, 'retry']),
    button: null
  },
  {
    code: 'checksum-missing',
    says: /no checksum.*Nothing was installed/s,
    fault: { kind: 'status', on: 'sha256', status: 404 },
    button: 'Try now'
  },
  {
    code: 'checksum-mismatch',
    says: /does not match.*Nothing was installed/s,
    fault: { kind: 'bit-flip', at: 1_000_000 },
    button: 'Try now'
  },
  {
    code: 'archive-invalid',
    says: /no archive of Tailscale.*Nothing was installed/s,
    fault: { kind: 'replaced', by: await hostileArchive('not-gzip') },
    button: 'Try now'
  },
  {
    code: 'memory-low',
    says: /Not enough free memory.*zram-swap/s,
    before: (site) => uci(site, 'set', 'tailscale-ram.main.reserve_mb=65000'),
    after: (site) => uci(site, 'delete', 'tailscale-ram.main.reserve_mb'),
    button: 'Try now'
  },
  {
    code: 'disk-full',
    says: /memory for files is full.*fills \/tmp/s,
    // Slow enough for it to be full before the end, however busy this machine is.
    fault: { kind: 'rate', on: 'archive', bytesPerSecond: 2_000_000 },
    during: async ({ router }) => {
      await router.until('a part of it is there', 20, async () => {
        return ((await bootstrapState(router))?.bytes ?? 0) > 5_000_000;
      });
      const used = "$(df -k /tmp | awk 'END { print $3 + 1000 }')";
      await router.succeed(`mount -o remount,size=${used}k /tmp`);
    },
    after: ({ router }) => router.succeed('mount -o remount,size=50% /tmp'),
    button: 'Try now'
  },
  {
    code: 'truncated',
    says: /broke off.*tried again by itself/s,
    fault: { kind: 'cut', at: 5_000_000 },
    button: 'Try now'
  },
  {
    code: 'version-missing',
    says: /not on the download server/,
    before: (site) => uci(site, 'set', 'tailscale-ram.main.version=1.2.3'),
    button: 'Take the newest'
  },
  {
    code: 'other-tailscaled',
    says: /Another Tailscale.*take_over/s,
    before: startOther,
    after: endOther,
    button: null
  },
  {
    code: 'clock-not-set',
    says: /does not know the time/,
    fault: { kind: 'certificate', certificate: 'not-yet-valid' },
    before: ({ router }) =>
      router.succeed('/etc/init.d/sysntpd stop; rm /var/run/tailscale-ram/clock-synced'),
    button: 'Try now'
  }
];

await eachSite('until Tailscale runs', (scenario, ground) => {
  const luci = (): LuciSite => luciOf(ground.site);

  scenario('from nothing until somebody can log in, each step is there while it happens', async () => {
    const { desk, router } = luci();
    await router.succeed(['/etc/init.d/sysntpd', 'restart']);
    await router.until('the clock is set', 30, ['test', '-e', '/var/run/tailscale-ram/clock-synced']);
    const { page } = await ground.open('status');
    await loggedOut(page).waitFor();
    const assertStayed = await stayedOpen(page);
    await stopAll(luci());
    await page.getByText('Tailscale’s agent is not running').waitFor();
    await desk.surroundings.wan.disconnect();
    desk.mirror.setFault([
      { kind: 'delay', on: 'index', milliseconds: 4000 },
      { kind: 'rate', on: 'archive', bytesPerSecond: 5_000_000 }
    ]);
    await fetchAnew(luci());
    await step(page, 'internet').waitFor();
    assert.not(await loggedOut(page).isVisible());
    await desk.surroundings.wan.connect();
    await step(page, 'version').waitFor();
    await step(page, 'download').waitFor();
    await page.getByRole('heading', { name: 'Tailscale is being fetched: step 5 of 7' }).waitFor();
    const bar = page.getByRole('progressbar', { name: 'download' });
    const numbers = page.getByText(/^[\d.]+ MB of [\d.]+ MB · [\d.]+ MB a second · \d+ sec left$/);
    await numbers.waitFor();
    const done = async (): Promise<number> => Number(await bar.getAttribute('aria-valuenow'));
    const first = await done();
    await waitFor('there is more of it', 5, async () => (await done()) > first);
    await loggedOut(page).waitFor();
    assert.is(await page.getByText('is being fetched').count(), 0);
    await assertStayed();
  });

  for (const { code, says, fault, before, during, after, button } of troubles)
    scenario(`${code}: what is wrong stands there, and what mends it`, async () => {
      const site = luci();
      const { page } = await ground.open('status');
      await loggedOut(page).waitFor();
      await stopAll(site);
      const box = page.locator(`[data-problem=${code}]`);
      await before?.(site);
      if (fault) site.desk.mirror.setFault(fault);
      try {
        await fetchAnew(site);
        await during?.(site);
        await box.filter({ hasText: says }).waitFor();
        assert.is(await box.getByRole('button').count(), button === null ? 0 : 1);
        assert.not(await page.getByRole('button', { name: 'Log in', exact: true }).isVisible());
      } finally {
        site.desk.mirror.setFault();
        await after?.(site);
      }
      if (button !== null) await box.getByRole('button', { name: button }).click();
      await loggedOut(page).waitFor();
      assert.is(await box.count(), 0);
      await assertNoComplaint(page);
    });

  scenario('run-check-failed: with another version it runs, and what it gave up is told', async () => {
    const { desk } = luci();
    const { page } = await ground.open('status');
    await stopAll(luci());
    desk.mirror.setReleases([await foreignRelease('1.104.0')]);
    await fetchAnew(luci());
    const box = page.locator('[data-problem=run-check-failed]');
    await box.filter({ hasText: /does not run on this router.*Choose another one/s }).waitFor();
    assert.not(await loggedOut(page).isVisible());
    desk.mirror.setReleases([latest]);
    await box.getByRole('button', { name: 'Try now' }).click();
    await loggedOut(page).waitFor();
    await box.filter({ hasText: `${latest.version} runs instead` }).waitFor();
    assert.is(await box.getByRole('button').count(), 0);
    await assertNoComplaint(page);
  });

  const faulty: [ErrorCode, RegExp, (site: LuciSite) => Promise<Release>][] = [
    ['run-check-failed', /does not run on this router/, () => foreignRelease('1.104.0')],
    ['daemon-crashed', /ended by itself/, ({ desk }) => dyingRelease('99.0.0', desk.directory)]
  ];
  for (const [code, says, release] of faulty)
    scenario(`${code}: what ran before runs instead, and is told of`, async () => {
      const { desk, router } = luci();
      const { page } = await ground.open('status');
      await stopAll(luci());
      await router.write('etc/tailscale-ram/last-good', `${latest.version} ${machineArch()} official\n`);
      const newest = await release(luci());
      desk.mirror.setReleases([latest, newest]);
      await fetchAnew(luci());
      const box = page.locator(`[data-problem=${code}]`);
      await box.filter({ hasText: says }).waitFor();
      assert.match(
        await box.innerText(),
        `${newest.version} did not work here; ${latest.version} runs instead`
      );
      assert.is(await box.getByRole('button').count(), 0);
      await loggedOut(page).waitFor();
      desk.mirror.setReleases([latest]);
      await stopAll(luci());
      await fetchAnew(luci());
      await box.waitFor({ state: 'detached' });
      await loggedOut(page).waitFor();
    });

  scenario('take-over-failed: why the other Tailscale is still there', async () => {
    const site = luci();
    const { page } = await ground.open('status');
    await stopAll(site);
    await startOther(site);
    await uci(site, 'set', 'tailscale-ram.main.reserve_mb=65000');
    await fetchAnew(site);
    await page.locator('[data-problem=other-tailscaled]').waitFor();
    await site.router.succeed([service, 'take_over']);
    const box = page.locator('[data-problem=take-over-failed]');
    await box.waitFor({ state: 'attached' });
    await page.getByText('Also to know: 1').click();
    assert.match(await box.innerText(), /keeps its place.*could not be fetched: memory-low/s);
    await uci(site, 'delete', 'tailscale-ram.main.reserve_mb');
    await endOther(site);
    await loggedOut(page).waitFor();
  });

  scenario('tun-missing: it runs, and what it cannot do then is told', async () => {
    const { router } = luci();
    const { page } = await ground.open('status');
    await stopAll(luci());
    await router.succeed(['rm', '/dev/net/tun']);
    await fetchAnew(luci());
    const box = page.locator('[data-problem=tun-missing]');
    await box.filter({ hasText: /can be reached, but nothing behind it.*kmod-tun/s }).waitFor();
    assert.is(await box.getByRole('button').count(), 0);
    await loggedOut(page).waitFor();
    await router.succeed(['mknod', '-m', '600', '/dev/net/tun', 'c', '10', '200']);
    await router.succeed([service, 'restart']);
    await box.waitFor({ state: 'detached' });
    await loggedOut(page).waitFor();
  });
});

async function startOther({ router }: LuciSite): Promise<void> {
  await router.copy('/bin/sleep', '/tmp/tailscaled');
  await router.succeed('chmod +x /tmp/tailscaled; start-stop-daemon -S -b -x /tmp/tailscaled -- 1000');
}

async function endOther({ router }: LuciSite): Promise<void> {
  await router.succeed(`kill $(pidof tailscaled); ${service} retry`);
}

function step(page: Page, name: string): Locator {
  return page.locator('[aria-current=step]', { hasText: name });
}
