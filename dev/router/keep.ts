import { testVersions } from '../../src/shared/test-versions.ts';
import { headscaleBinary, tailscaleBinaries } from '../setup/go.ts';
import { realRelease } from '../tailnet/tailnet.ts';
import { chooseRootfs } from './choose-rootfs.ts';
import { Desk } from './desk.ts';
import { offer } from './keeper.ts';
import type { Rootfs } from './rootfs.ts';

/** Gets what `keep` needs, because where that runs there is no network. Throws if it cannot be had. */
export async function prepareToKeep(release: string | undefined): Promise<void> {
  await choose(release);
  await tailscaleBinaries(testVersions.latest);
  await headscaleBinary();
  await realRelease(testVersions.latest);
}

/** Inside, in what `runIsolated` started: boots a router with the package, tells how to log in, and stays. */
export async function keep(release: string | undefined): Promise<void> {
  process.on('SIGINT', () => process.exit(0));
  const rootfs = await choose(release);
  const desk = await Desk.open();
  const router = await desk.addRouter(rootfs);
  await router.powerOn();
  await desk.install(router);
  console.log(`OpenWrt ${router.release} has booted, and the package is installed. To log in:`);
  console.log('  npm run router -- exec tailscale up \\');
  console.log(`    --login-server=${desk.headscale.url} --auth-key=${desk.authKey}`);
  console.log(`Another node of its tailnet is ${desk.peerAddress}.`);
  await offer(router);
}

async function choose(release: string | undefined): Promise<Rootfs> {
  const { rootfs, note } = await chooseRootfs({ release });
  if (!rootfs) throw new Error(note);
  return rootfs;
}
