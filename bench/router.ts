import { Desk, daemonStatus, untilRunning } from '../dev/router/desk.ts';
import { whyUnusable } from '../dev/router/requirements.ts';
import { findRootfs, noRootfs, type Rootfs } from '../dev/router/rootfs.ts';
import type { OpenWrt } from '../dev/router/router.ts';
import { waitFor } from '../dev/tailnet/wait.ts';
import { machineArch } from '../dev/tailnet/tailnet.ts';
import { testVersions } from '../src/shared/test-versions.ts';
import { judge, median, spread } from './support/figures.ts';
import { isolated } from './support/isolated.ts';

/**
 * `npm run bench -- router [PAIRS]`: on each release of OpenWrt at hand, how long the router takes to boot, and the
 * service from its start into the tailnet, beside what the router's own downloader takes for the same archive from
 * the same server; 5 pairs each unless told, over a line of 100 Mbit/s.
 */
export const run = isolated('router', async ([pairs = '5']) => {
  if (!/^[1-9]\d*$/.test(pairs)) throw new Error(`'${pairs}' is no number of pairs`);
  const found = await findRootfs();
  if (found.length === 0) {
    console.log(`skipped: ${noRootfs}`);
    return;
  }
  const desk = await Desk.open();
  desk.mirror.setFault({ kind: 'rate', bytesPerSecond: 12_500_000, on: 'archive' });
  for (const rootfs of found) {
    const problem = await whyUnusable(rootfs);
    if (problem === undefined) await measure(desk, rootfs, Number(pairs));
    else console.log(`skipped: ${problem}`);
  }
});

async function measure(desk: Desk, rootfs: Rootfs, pairs: number): Promise<void> {
  const router = await desk.addRouter(rootfs);
  const name = `router, OpenWrt ${rootfs.release}`;
  const boots = [await seconds(() => router.powerOn())];
  await desk.install(router);
  await desk.login(router);

  const bare: number[] = [];
  const whole: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    await router.succeed(`/etc/init.d/tailscale-ram stop; while pidof tailscaled; do sleep 1; done`);
    await router.succeed('rm -r /tmp/tailscale-ram');
    bare.push(await seconds(() => router.succeed(['uclient-fetch', '-q', '-O', '/dev/null', archiveUrl])));
    whole.push(await seconds(() => startToRunning(router)));
  }
  await router.powerCut();
  boots.push(await seconds(() => router.powerOn()));
  await untilRunning(router);
  await router.remove();

  console.log(
    `     ${name}: ${spread(whole)} s from start to Running, ${spread(bare)} s for the download alone`
  );
  const withoutAllowance = whole.map((each, index) => (each - 3) / (bare[index] ?? each));
  judge(`${name}: (start to Running - 3 s) / download, median`, median(withoutAllowance), 1.5);
  judge(
    `${name}: from power to the end of its init scripts, the slower of two`,
    Math.max(...boots),
    10,
    ' s'
  );
}

async function startToRunning(router: OpenWrt): Promise<void> {
  await router.succeed(['/etc/init.d/tailscale-ram', 'start']);
  await waitFor('it is in the tailnet', 60, async () => {
    return (await daemonStatus(router)).BackendState === 'Running';
  });
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

const version = testVersions.latest;
const archiveUrl = `https://pkgs.tailscale.com/stable/tailscale_${version}_${machineArch()}.tgz`;
