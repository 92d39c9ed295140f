import * as assert from 'uvu/assert';
import { realRelease } from '../../dev/tailnet/tailnet.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import type { Status } from '../../src/shared/status.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { agentPid } from '../router/agent-calls.ts';
import { renamedRelease } from '../support/broken-release.ts';
import { assertNoComplaint } from './login-steps.ts';
import { fetchAnew, luciOf, problemBox, stopAll, unfolded } from './luci-steps.ts';
import { eachSite } from './support/each-site.ts';
import type { LuciSite } from './support/luci-site.ts';

await eachSite('what is wrong with the router itself', (scenario, ground) => {
  const luci = (): LuciSite => luciOf(ground.site);
  const status = async (): Promise<Status> => (await luci().ask('status')) as unknown as Status;

  scenario('the memory is almost full', async () => {
    const { router } = luci();
    const { page } = await ground.open('status');
    await router.succeed(
      `sed 's/^MemAvailable:.*/MemAvailable: 5000 kB/' /proc/meminfo >/tmp/meminfo
       mount --bind /tmp/meminfo /proc/meminfo`
    );
    const box = problemBox(page, 'memory-low-now');
    await unfolded(page, box);
    assert.match(await box.innerText(), /memory is almost full.*5\.1 MB are free.*zram-swap/s);
    await router.succeed('umount /proc/meminfo');
    await box.waitFor({ state: 'detached' });
  });

  scenario('the flash is full', async () => {
    const { router } = luci();
    const { page } = await ground.open('status');
    await router.exec('dd if=/dev/zero of=/etc/filler bs=1k');
    // A minute after the agent’s start, and once an hour; each minute while it is full.
    await router.succeed(['kill', await agentPid(router)]);
    const box = problemBox(page, 'identity-disk-full');
    await box.waitFor({ state: 'attached', timeout: 100_000 });
    await unfolded(page, box);
    assert.match(await box.innerText(), /flash is full.*Remove something/s);
    await router.succeed(['rm', '/etc/filler']);
    await box.waitFor({ state: 'detached', timeout: 100_000 });
  });

  scenario('the tailnet was away for hours: what was done about it', async () => {
    const { router } = luci();
    const { page } = await ground.open('status');
    // As the agent keeps it.
    const at = Math.floor(Date.now() / 1000);
    await router.write(
      'etc/tailscale-ram/watchdog.json',
      JSON.stringify({ rebind: at - 900, restart: at - 60 })
    );
    await router.succeed(['kill', await agentPid(router)]);
    const box = problemBox(page, 'watchdog-acted');
    await unfolded(page, box);
    assert.match(await box.innerText(), /out of reach for hours\s+The router started Tailscale anew: \S/);
  });

  scenario('a version that fails on 32 bits: its button brings a good one', async () => {
    const { desk, router } = luci();
    const { page } = await ground.open('status');
    await stopAll(luci());
    desk.mirror.setReleases([await renamedRelease('1.97.10', desk.directory)]);
    await router.succeed('uci -q delete tailscale-ram.main.version; uci commit tailscale-ram');
    await fetchAnew(luci());
    await waitFor('it runs', 40, async () => (await status().catch(() => null))?.version === '1.97.10');
    // This machine has 64.
    await router.succeed('sed -i s/amd64/386/ /var/run/tailscale-ram/bootstrap.json');
    const box = problemBox(page, 'version-faulty');
    await unfolded(page, box);
    assert.match(await box.innerText(), /Tailscale 1\.97\.10 is known to fail.*Take 1\.98\.9/s);
    desk.mirror.setReleases([await realRelease(testVersions.latest)]);
    await box.getByRole('button', { name: 'Update now' }).click();
    await box.waitFor({ state: 'detached' });
    const runs = async (): Promise<boolean> =>
      (await status().catch(() => null))?.version === testVersions.latest;
    await waitFor('the good one runs', 40, runs);
    await assertNoComplaint(page);
  });
});
