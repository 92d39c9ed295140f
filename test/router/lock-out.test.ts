import * as assert from 'uvu/assert';
import { untilNamed, untilRunning } from '../../dev/router/desk.ts';
import { Wan } from '../../dev/router/wan.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';
import { onEachRelease } from '../support/router.ts';
import { lanClient } from './reach.ts';

const forwarding = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'];

/** A peer that offers the router's own networks, and wider ones, while the router accepts what is offered. */

await onEachRelease('routes of a peer that are one’s own', (scenario, bench) => {
  /** On the LAN. */
  const computer = { ip: '', ip6: '' };
  let router6 = '';
  let offers: [string, string[]][] = [];

  const findLost = async (): Promise<string[]> => {
    const { desk } = bench;
    const client = await lanClient(bench);
    const { address, address6 } = desk.internet;
    const ping = (to: string): string[] => ['ping', '-c', '1', '-W', '2', to];
    // Its login page is a refusal.
    const get = (address: string): string =>
      `busybox wget -S -O /dev/null http://${address}/cgi-bin/luci/ 2>&1 | grep -q "403 Forbidden"`;
    const luci = (address: string): string[] => ['sh', '-c', get(address)];
    const lookup = (server: string): string => `nslookup ntp.example ${server} | grep -q 192.0.2.1`;
    const all: [string, Pick<Host, 'run'>, string[]][] = [
      ['LAN → router', client, ping('192.168.1.1')],
      ['LAN → router, IPv6', client, ping(router6)],
      ['LAN → LuCI', client, luci('192.168.1.1')],
      ['LAN → LuCI, IPv6', client, luci(`[${router6}]`)],
      ['LAN → names', client, ['sh', '-c', `busybox ${lookup('192.168.1.1')}`]],
      ['LAN → names, IPv6', client, ['sh', '-c', `busybox ${lookup(router6)}`]],
      ['LAN → Internet', client, ping(address)],
      ['LAN → Internet, IPv6', client, ping(address6)],
      ['LAN → network in front', client, ping('192.168.178.1')],
      ['router → LAN', { run: exec }, ping(computer.ip)],
      ['router → LAN, IPv6', { run: exec }, ping(computer.ip6)],
      ['router → names', { run: exec }, ['sh', '-c', lookup('127.0.0.1')]],
      ['router → gateway', { run: exec }, ping('192.168.178.1')],
      ['router → Internet', { run: exec }, ping(address)],
      ['router → Internet, IPv6', { run: exec }, ping(address6)],
      ['router → peer', { run: exec }, ping(desk.peerAddress)]
    ];
    const lost: string[] = [];
    // LuCI's first page has to be made.
    for (const [name, from, command] of all)
      if ((await from.run(command, { timeout: 10 })).code !== 0) lost.push(name);
    return lost;
  };
  const exec: Host['run'] = (argv, options) => bench.router.exec(argv, options);

  const assertNothingIsLost = async (when: string): Promise<void> => {
    assert.equal(await findLost(), [], when);
  };

  /** Once everything is up again. */
  const assertAllIsBack = async (routes: readonly string[]): Promise<void> => {
    await untilRunning(bench.router);
    await untilRouterHas(routes);
    let lost: string[] = [];
    await bench.router
      .until('all is back', 30, async () => (lost = await findLost()).length === 0)
      .catch(() => undefined);
    assert.equal(lost, []);
  };

  const offer = async (routes: readonly string[]): Promise<void> => {
    const { desk } = bench;
    await desk.peer.cli.succeed('set', `--advertise-routes=${routes.join()}`);
    await desk.headscale.approveRoutesOf(desk.peerAddress, routes);
    await untilRouterHas(routes);
  };

  const untilRouterHas = async (routes: readonly string[]): Promise<void> => {
    await bench.router.until(`it has ${routes.join()}`, 30, async () => {
      // Of tables that are not its own, busybox shows none of IPv6.
      const listed = await bench.router.succeed('ip route show table all; ip -6 route show table all');
      const has = [...listed.matchAll(/^(\S+) dev tailscale0/gm)].map(([, route]) => route);
      return routes.every((route) => has.includes(route));
    });
  };

  scenario('before anybody offers anything', async () => {
    const { desk, rootfs, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await router.succeed(['sync']);
    await router.powerCut();
    const wan = await Wan.connect(desk, rootfs, 'ipv6');
    bench.atEnd(() => wan.end());
    await router.powerOn();
    const client = await lanClient(bench);
    computer.ip = await desk.surroundings.lease(client);
    await desk.login(router);
    const ula = (await router.uci('get', 'network.globals.ula_prefix')).replace(/::\/48$/, '');
    const own = async (at: () => Promise<string>, pattern: RegExp): Promise<string> =>
      (await router.until(
        `an address like ${pattern.source}`,
        30,
        async () => pattern.exec(await at())?.[1]
      )) as string;
    router6 = await own(
      () => router.succeed(['ip', 'addr', 'show', 'dev', 'br-lan']),
      new RegExp(`(${ula}:\\S+)/`)
    );
    const onClient = () => client.succeed(['ip', 'addr', 'show', 'dev', 'eth0']);
    computer.ip6 = await own(onClient, new RegExp(`(${ula}:\\S+)/`));
    const global6 = await own(onClient, /(2001:db8:1:\S+)\//);
    await router.succeed(['tailscale', 'set', '--accept-routes']);
    // It takes what it offers, and passes nothing on.
    await desk.peer.host.succeed(['sysctl', '-q', '-w', ...forwarding.map((name) => `${name}=0`)]);
    offers = [
      ['the LAN’s', ['192.168.1.0/24']],
      ['that of the network in front', ['192.168.178.0/24']],
      ['all of 192.168', ['192.168.0.0/16']],
      ['half of IPv4', ['0.0.0.0/1']],
      ['the other half', ['128.0.0.0/1']],
      ['the LAN’s own of IPv6', [`${ula}::/48`, router6.replace(/::\S+/, '::/64')]],
      ['the LAN’s on the Internet', [global6.replace(/^(\w+:\w+:\w+:\w+):\S+/, '$1::/64')]],
      ['that of the network in front, of IPv6', ['2001:db8:1::/48']],
      ['the Internet’s of IPv6', ['2000::/3']],
      ['half of IPv6', ['::/1']],
      ['the other half of IPv6', ['8000::/1']]
    ];
    await router.until(
      'the LAN has the Internet, by IPv6 too',
      30,
      async () => (await client.run(['ping', '-c', '1', '-W', '2', desk.internet.address6])).code === 0
    );
    await untilNamed(router);
    await assertNothingIsLost('before');
  });

  scenario('nothing is lost by any of them', async () => {
    for (const [name, routes] of offers) {
      await offer(routes);
      await assertNothingIsLost(name);
    }
  });

  scenario('nor by all of them, also after a restart of the network and a reboot', async () => {
    const { desk, router } = bench;
    const all = [...new Set(offers.flatMap(([, routes]) => routes))];
    await offer(all);
    await assertNothingIsLost('all');
    await router.succeed(['/etc/init.d/network', 'restart']);
    await assertAllIsBack(all);
    await router.reboot();
    await assertAllIsBack(all);
    await desk.peer.cli.succeed('set', '--advertise-routes=');
  });

  scenario('an exit node that is chosen takes the Internet all the same, until it is left', async () => {
    const { desk, router } = bench;
    await desk.peer.cli.succeed('set', '--advertise-exit-node');
    await desk.headscale.approveRoutesOf(desk.peerAddress, ['0.0.0.0/0', '::/0']);
    const goesThrough = async (device: string, choice: string): Promise<void> => {
      await router.until('it can be chosen', 20, ['tailscale', 'set', `--exit-node=${choice}`]);
      for (const address of [desk.internet.address, '8.8.8.8', '100.100.2.136'])
        await router.until(`${address} is behind ${device}`, 10, async () =>
          (await router.succeed(['ip', 'route', 'get', address])).includes(` dev ${device} `)
        );
    };
    await goesThrough('tailscale0', desk.peerAddress);
    await goesThrough('eth1', '');
    await desk.peer.cli.succeed('set', '--advertise-exit-node=false');
  });
});
