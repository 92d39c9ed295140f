import * as assert from 'uvu/assert';
import { bootstrapState, daemonSocket, daemonStatus, untilPhase } from '../../dev/router/desk.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { tailscaleBinaries } from '../../dev/setup/go.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import type { BootstrapState } from '../../src/shared/bootstrap-state.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { onEachRelease } from '../support/router.ts';

const { tailscale } = await tailscaleBinaries(testVersions.latest);

await onEachRelease('memory', (scenario, bench) => {
  /** A scenario on a router with so much memory. Whatever happens, nothing but ours may be ended for lack of it. */
  const withMemory = (megabytes: number, name: string, use: (router: OpenWrt) => Promise<void>): void => {
    scenario(`${megabytes} MB: ${name}`, async () => {
      const { desk, rootfs } = bench;
      const directory = `${desk.directory}/${megabytes}`;
      // Larger than half of the memory, as zram and an fstab make it.
      const tmpMegabytes = Math.max(40, megabytes / 2);
      const router = await desk.addRouter(rootfs, { directory, memoryMegabytes: megabytes, tmpMegabytes });
      try {
        await router.powerOn();
        await router.until('the WAN is up', 30, 'ifstatus wan | jsonfilter -e "@.up" | grep -q true');
        const before = await services(router);
        await desk.install(router);
        await use(router);
        assert.equal(await services(router), before);
      } finally {
        await router.remove();
      }
    });
  };
  /** By a command line tool of this machine: beside the daemon there is no room for it on the smaller ones. */
  const login = async (router: OpenWrt): Promise<void> => {
    const { headscale, authKey, peerAddress } = bench.desk;
    const cli = [tailscale, `--socket=${daemonSocket(router)}`];
    await router.until('tailscaled answers', 20, () => daemonStatus(router));
    const settings = ['--accept-dns=false', '--netfilter-mode=off'];
    await succeed([...cli, 'up', `--login-server=${headscale.url}`, `--auth-key=${authKey}`, ...settings]);
    await succeed([...cli, 'ping', '--c=20', '--timeout=1s', peerAddress]);
  };

  withMemory(
    48,
    'it says what is missing; forced to run, it may be ended, and nobody else',
    async (router) => {
      const { error } = await untilPhase(router, 'blocked');
      assert.is(error?.code, 'memory-low');
      assert.match(error?.detail ?? '', /needs \d+ MB and \d+ MB to work with; \d+ MB are free/);
      assert.is(router.oomKills, 0);

      await router.uci('set', 'tailscale-ram.main.reserve_mb=0');
      await router.uci('commit', 'tailscale-ram');
      await router.succeed(['/etc/init.d/tailscale-ram', 'reload']);
      await untilPhase(router, 'running');
      await login(router).catch(() => undefined);
    }
  );

  withMemory(64, 'it runs, or says what is missing', async (router) => {
    const state = await router.until('it has decided', 40, async () => {
      const now = await bootstrapState(router);
      return (now?.phase === 'running' || now?.phase === 'blocked') && now;
    });
    const { phase, error } = state as BootstrapState;
    if (phase === 'blocked') assert.is(error?.code, 'memory-low');
    else await login(router);
    assert.is(router.oomKills, 0);
  });

  for (const megabytes of [96, 128, 256])
    withMemory(megabytes, 'it runs', async (router) => {
      await untilPhase(router, 'running');
      await login(router);
      assert.is(router.oomKills, 0);
    });
});

/** The process ids of what runs from the start to the end, unless it is killed. */
async function services(router: OpenWrt): Promise<string> {
  const names = 'procd ubusd logd netifd rpcd uhttpd dropbear';
  // What it starts has its name for a moment.
  await router.until('procd is alone', 10, '[ "$(pidof procd)" = 1 ]');
  return router.succeed(`for name in ${names}; do echo $name $(pidof $name); done`);
}
