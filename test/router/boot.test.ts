import * as assert from 'uvu/assert';
import { bootstrapState, untilPhase, untilRunning } from '../../dev/router/desk.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { isSoak } from './soak.ts';

const year = 365 * 86_400;

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
});
