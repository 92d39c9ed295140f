import { untilRunning } from '../../dev/router/desk.ts';
import { onEachRelease } from '../support/router.ts';
import { onWan, reachInternetFromLan, reachPeer, reachRouterFromLan } from './reach.ts';

await onEachRelease('another router in between', (scenario, bench) => {
  scenario('without one it is in its tailnet', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await desk.login(router);
    await reachPeer(bench);
  });

  scenario('cgnat: the gateway and the DNS, with addresses like a tailnet, stay reachable', async () => {
    await onWan(bench, 'cgnat', async () => {
      const { router } = bench;
      await untilRunning(router);
      await reachPeer(bench);
      await router.succeed(['ping', '-c', '1', '-W', '2', '100.72.0.1']);
      await router.succeed('nslookup ntp.example 100.100.2.136 | grep -q 192.0.2');
      await reachRouterFromLan(bench);
      await reachInternetFromLan(bench);
    });
  });

  scenario('behind: a second NAT is in the way of nothing', async () => {
    await onWan(bench, 'behind', async () => {
      await untilRunning(bench.router);
      await reachPeer(bench);
      await reachRouterFromLan(bench);
      await reachInternetFromLan(bench);
    });
  });

  scenario('ipv6: the LAN gets of the delegated prefix, and IPv6 goes out', async () => {
    await onWan(bench, 'ipv6', async () => {
      const { desk, router } = bench;
      await untilRunning(router);
      const { address6 } = desk.peer.host;
      await router.until(
        'the LAN has a prefix',
        20,
        'ip -6 addr show dev br-lan | grep -q "inet6 2001:db8:1:"'
      );
      await router.until('IPv6 goes out', 20, ['ping', '-6', '-c', '1', '-W', '1', address6]);
      await reachPeer(bench);
      await reachRouterFromLan(bench);
    });
  });
});
