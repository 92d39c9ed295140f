import * as assert from 'uvu/assert';
import { bootstrapState, untilRunning } from '../../dev/router/desk.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { differences, takeSnapshot, untilAtRest } from './snapshot.ts';

const stateFile = 'etc/tailscale/tailscaled.state';

await onEachRelease('power cuts', (scenario, bench) => {
  let nodeKey: string;

  scenario('a router in its tailnet', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    nodeKey = (await desk.login(router)).Self.PublicKey;
    // tailscaled leaves it to the kernel when that is on flash.
    await router.succeed(['sync']);
  });

  for (const phase of [
    'waiting-network',
    'waiting-clock',
    'resolving',
    'downloading',
    'verifying',
    'running'
  ] as const) {
    scenario(`one while it is ${phase} leaves the identity as it was`, async () => {
      const { desk, router } = bench;
      await desk.reset();
      if (router.isOn) await router.powerCut();
      const identity = await router.read(stateFile);
      if (phase === 'waiting-network') await desk.surroundings.wan.disconnect();
      if (phase === 'waiting-clock')
        desk.mirror.setFault({ kind: 'certificate', certificate: 'not-yet-valid' });
      if (phase === 'resolving') desk.mirror.setFault({ kind: 'stall', after: 0, on: 'index' });
      if (phase === 'downloading' || phase === 'verifying')
        desk.mirror.setFault({ kind: 'rate', bytesPerSecond: 20_000_000, on: 'archive' });
      desk.surroundings.time.isSilent = phase === 'waiting-clock';
      await router.powerOn('ubus');
      await waitFor(
        `it is ${phase}`,
        40,
        async () => {
          const now = (await bootstrapState(router))?.phase;
          // It takes only a moment.
          return now === phase || (phase === 'verifying' && now === 'running');
        },
        5
      );
      await router.powerCut();
      assert.ok(identity);
      assert.is(await router.read(stateFile), identity);
    });
  }

  scenario('three boots in a row, after those power cuts, give the same state', async () => {
    const { desk, router } = bench;
    await desk.reset();
    const states = [];
    for (let boots = 0; boots < 3; boots++) {
      if (router.isOn) await router.reboot();
      else await router.powerOn();
      assert.is((await untilRunning(router)).Self.PublicKey, nodeKey);
      await untilAtRest(router);
      states.push(await takeSnapshot(router));
    }
    const [first, ...others] = states;
    assert.ok(first);
    for (const other of others) {
      // The time server answers sooner or later, and so comes the WAN.
      const changes = differences(first, other).filter((line) => !/\/(clock-synced|wan-up)$/.test(line));
      assert.equal(changes, []);
    }
  });
});
