import * as assert from 'uvu/assert';
import { bootstrapState, daemonStatus, untilPhase, untilRunning } from '../../dev/router/desk.ts';
import { sleep, waitFor } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { isSoak } from './soak.ts';
import { differences, takeSnapshot } from './snapshot.ts';

const year = 365 * 86_400;
const stateFile = 'etc/tailscale/tailscaled.state';

await onEachRelease('boot', (scenario, bench) => {
  let nodeKey: string;

  scenario('the service delays no other script, though the download server stalls', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    nodeKey = (await desk.login(router)).Self.PublicKey;

    desk.mirror.setFault({ kind: 'stall', after: 0, on: 'everything' });
    // At boot procd runs the scripts one after the other, and "init complete" comes when the last one has ended.
    const script = 'time /etc/rc.d/S99tailscale-ram boot';
    await router.reboot();
    await untilPhase(router, 'resolving');
    const [, seconds] = /^real\s+0m *([\d.]+)s/m.exec((await router.exec(script)).stderr) ?? [];
    assert.ok(Number(seconds) < 2, `it took ${seconds ?? 'no'} s`);
    desk.mirror.setFault();
    await untilRunning(router);
  });

  scenario('it waits for a WAN that is late, and goes on as soon as that is up', async () => {
    const { desk, router } = bench;
    await desk.surroundings.wan.disconnect();
    await router.reboot();
    await router.until('it says that there is no network', 30, async () => {
      return (await bootstrapState(router))?.error?.code === 'network-unreachable';
    });
    // Long enough for pauses that would be noticed.
    await sleep((isSoak ? 120 : 8) * 1000);
    await desk.surroundings.wan.connect();
    await router.until('the WAN is up', 20, 'ifstatus wan | jsonfilter -e "@.up" | grep -q true');
    const upAt = Date.now();
    await router.until('it downloads', 5, async () => {
      const phase = (await bootstrapState(router))?.phase;
      return phase === 'downloading' || phase === 'verifying' || phase === 'running';
    });
    assert.ok(Date.now() - upAt < 5000);
    assert.is((await untilRunning(router)).Self.PublicKey, nodeKey);
  });

  scenario('with a clock a year behind it waits for the time server, and no longer', async () => {
    const { desk, router } = bench;
    // The router's clock cannot be changed without this machine's. So it is the world that is ahead.
    desk.mirror.setFault({ kind: 'certificate', certificate: 'not-yet-valid' });
    desk.surroundings.time.isSilent = true;
    desk.surroundings.time.ahead = year;
    await router.reboot();
    // dnsmasq starts anew while the WAN comes up.
    await router.until('names are resolved', 20, 'nslookup pkgs.tailscale.com 127.0.0.1 | grep -q 192.0.2');
    const { error } = await untilPhase(router, 'waiting-clock');
    assert.is(error?.code, 'clock-not-set');
    assert.is(await router.read('tmp/run/tailscale-ram/clock-synced'), undefined);

    desk.mirror.setFault();
    desk.surroundings.time.isSilent = false;
    desk.mirror.requests.length = 0;
    await router.succeed(['/etc/init.d/sysntpd', 'restart']);
    await router.until('ntpd has set the clock', 20, ['test', '-e', '/var/run/tailscale-ram/clock-synced']);
    await router.until('it asks again', 5, () => desk.mirror.requests.length > 0);
    await untilRunning(router);
  });

  scenario('a WAN without an Internet behind it: names are resolved later', async () => {
    const { desk, router } = bench;
    await desk.surroundings.setDns(false);
    try {
      await router.reboot();
      await sleep((isSoak ? 3600 : 0) * 1000);
      await router.until('it says that it reaches nobody', 40, async () => {
        return (await bootstrapState(router))?.error?.code === 'network-unreachable';
      });
    } finally {
      await desk.surroundings.setDns(true);
    }
    // The longest pause is a minute and a quarter.
    const { Self } = await untilRunning(router, isSoak ? 120 : 40);
    assert.is(Self.PublicKey, nodeKey);
  });

  scenario('a download server that is down at first', async () => {
    const { desk, router } = bench;
    desk.mirror.setFault({ kind: 'close', times: 2 });
    await router.reboot();
    await untilRunning(router);
  });

  for (const phase of [
    'waiting-network',
    'waiting-clock',
    'resolving',
    'downloading',
    'verifying',
    'running'
  ] as const) {
    scenario(`a power cut while it is ${phase} leaves the identity as it was`, async () => {
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
      await untilRunning(router);
      await sleep(2000);
      states.push(await takeSnapshot(router));
    }
    const [first, ...others] = states;
    assert.ok(first);
    for (const other of others) {
      // The time server answers sooner or later, and so comes the WAN.
      const changes = differences(first, other).filter((line) => !/\/(clock-synced|wan-up)$/.test(line));
      assert.equal(changes, []);
    }
    assert.is((await daemonStatus(router)).Self.PublicKey, nodeKey);
  });
});
