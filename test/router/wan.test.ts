import * as assert from 'uvu/assert';
import { bootstrapState, daemonPids, untilPhase, untilRunning } from '../../dev/router/desk.ts';
import { Wan, type WanKind } from '../../dev/router/wan.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';

const luci = 'http://192.168.1.1/';
const wanIs = (state: boolean) => `ifstatus wan | jsonfilter -e "@.up" | grep -q ${state}`;
let client: Host | undefined;

await onEachRelease('the WAN', (scenario, bench) => {
  /** A scenario whose router boots with this WAN; afterwards it has the plain one again. */
  const withWan = (kind: WanKind, name: string, use: () => Promise<void>): void => {
    scenario(`${kind}: ${name}`, async () => {
      const { desk, rootfs, router } = bench;
      await router.powerCut();
      const wan = await Wan.connect(desk, rootfs, kind);
      try {
        await router.powerOn();
        await use();
      } finally {
        await wan.end();
      }
    });
  };
  const reachesPeer = async (): Promise<void> => {
    const { desk, router } = bench;
    const ping = ['/tmp/tailscale-ram/bin/tailscale', 'ping', '--c=20', '--timeout=1s'];
    await router.succeed([...ping, desk.peerAddress]);
  };
  const lanClient = async () => (client ??= await bench.desk.surroundings.addLanClient('client'));
  const lanReachesRouter = async (): Promise<void> => {
    await (await lanClient()).succeed(['busybox', 'wget', '-q', '-O', '/dev/null', luci]);
  };
  const lanReachesInternet = async (): Promise<void> => {
    await (await lanClient()).succeed(['ping', '-c', '1', '-W', '5', bench.desk.peer.host.address]);
  };

  scenario('plain: as it mostly is', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await desk.login(router);
    await reachesPeer();
    await lanReachesRouter();
    await lanReachesInternet();
    // The package managers do not see to it that what they install is on flash when the power goes.
    await router.succeed(['sync']);
  });

  withWan('none', 'the LAN has its router, and the bootstrap waits', async () => {
    const { router } = bench;
    await router.until('it says that there is no network', 30, async () => {
      return (await bootstrapState(router))?.error?.code === 'network-unreachable';
    });
    await lanReachesRouter();
  });

  withWan('slow', 'it takes its time, and one download', async () => {
    const { desk, router } = bench;
    desk.mirror.requests.length = 0;
    await untilPhase(router, 'downloading');
    await lanReachesRouter();
    await untilRunning(router);
    assert.is(desk.mirror.requests.filter(({ path }) => path.endsWith('.tgz')).length, 1);
    await reachesPeer();
  });

  withWan('flapping', 'it comes up, and the daemon stays', async () => {
    const { router } = bench;
    await untilRunning(router);
    const pid = await daemonPids(router);
    await router.until('the WAN is down', 20, wanIs(false));
    await lanReachesRouter();
    await router.until('the WAN is up', 20, wanIs(true));
    await reachesPeer();
    assert.is(await daemonPids(router), pid);
  });

  scenario('a cable that is pulled out for a moment: the download goes on where it was', async () => {
    const { desk, router } = bench;
    const { mirror, surroundings } = desk;
    await router.powerCut();
    mirror.requests.length = 0;
    mirror.setFault({ kind: 'rate', bytesPerSecond: 8_000_000, on: 'archive' });
    await router.powerOn('ubus');
    await router.until('half of it is there', 40, () => mirror.bytesServed > 10_000_000);
    await surroundings.wan.disconnect();
    await sleep(2000);
    await surroundings.wan.connect();
    await untilRunning(router, 60);
    mirror.setFault();
    const archives = mirror.requests.filter(({ path }) => path.endsWith('.tgz'));
    assert.match(archives[1]?.range ?? '', /^bytes=[1-9]/);
  });

  withWan('cgnat', 'the gateway and the DNS, with addresses like a tailnet, stay reachable', async () => {
    const { router } = bench;
    await untilRunning(router);
    await reachesPeer();
    await router.succeed(['ping', '-c', '1', '-W', '2', '100.72.0.1']);
    await router.succeed('nslookup ntp.example 100.100.2.136 | grep -q 192.0.2');
    await lanReachesRouter();
    await lanReachesInternet();
  });

  withWan('behind', 'a second NAT is in the way of nothing', async () => {
    await untilRunning(bench.router);
    await reachesPeer();
    await lanReachesRouter();
    await lanReachesInternet();
  });

  withWan('ipv6', 'the LAN gets of the delegated prefix, and IPv6 goes out', async () => {
    const { desk, router } = bench;
    await untilRunning(router);
    const { address6 } = desk.peer.host;
    await router.until(
      'the LAN has a prefix',
      20,
      'ip -6 addr show dev br-lan | grep -q "inet6 2001:db8:1:"'
    );
    await router.until('IPv6 goes out', 20, ['ping', '-6', '-c', '1', '-W', '1', address6]);
    await reachesPeer();
    await lanReachesRouter();
  });
});
