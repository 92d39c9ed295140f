import * as assert from 'uvu/assert';
import { bootstrapState, untilRunning } from '../../dev/router/desk.ts';
import { machineArch, realRelease } from '../../dev/tailnet/tailnet.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { dyingRelease } from '../support/broken-release.ts';
import { onEachRelease } from '../support/router.ts';

const { older, latest } = testVersions;
const releases = [await realRelease(older)];

await onEachRelease(
  'a reboot is the upgrade',
  (scenario, bench) => {
    let nodeKey: string;

    scenario('the newest version of today runs', async () => {
      const { desk, router } = bench;
      await router.powerOn();
      await desk.install(router);
      const { Version, Self } = await desk.login(router);
      assert.is(Version.split('-')[0], older);
      nodeKey = Self.PublicKey;
    });

    scenario('a newer one runs after a reboot, as the same node', async () => {
      const { desk, router } = bench;
      desk.mirror.setReleases([...releases, await realRelease(latest)]);
      await router.reboot();
      const { Version, Self } = await untilRunning(router);
      assert.is(Version.split('-')[0], latest);
      assert.is(Self.PublicKey, nodeKey);
    });

    scenario('a newer one that dies at once leaves the last good one running, and says so', async () => {
      const { desk, router } = bench;
      await router.write('etc/tailscale-ram/last-good', `${latest} ${machineArch()} official\n`);
      desk.mirror.setReleases([
        ...releases,
        await realRelease(latest),
        await dyingRelease('99.0.0', desk.directory)
      ]);
      await router.reboot();
      const { Version, Self } = await untilRunning(router);
      assert.is(Version.split('-')[0], latest);
      assert.is(Self.PublicKey, nodeKey);
      const state = await bootstrapState(router);
      assert.is(state?.phase, 'running');
      assert.is(state?.error?.code, 'daemon-crashed');
      assert.match(state?.error?.detail ?? '', /99\.0\.0/);
    });
  },
  releases
);
