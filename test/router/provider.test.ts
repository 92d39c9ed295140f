import * as assert from 'uvu/assert';
import { untilRunning } from '../../dev/router/desk.ts';
import { Wan } from '../../dev/router/wan.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease, type Bench } from '../support/router.ts';
import { lookUp } from './look-up.ts';
import { lanClient } from './reach.ts';
import { arriveFrom } from './spoofing.ts';

/** Networks of providers and of neighbours out of 100.64.0.0/10, the range of a tailnet's own addresses. */

let stranger: Host | undefined;

await onEachRelease('networks that look like a tailnet', (scenario, bench) => {
  let wan: Wan;
  let neighbour: Host;
  const toRouter = { lan: '192.168.1.1', wan: '' };

  scenario('nobody on LAN or WAN is taken for a peer, whatever address he gives himself', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await desk.login(router);
    stranger ??= await desk.internet.addHost('stranger');
    await assertNoSpoofing(bench, stranger, 'eth1');
    await assertNoSpoofing(bench, await lanClient(bench), 'br-lan');
  });

  scenario(
    'where Tailscale has rules of its own, neighbours with such addresses lose each other',
    async () => {
      const { peer } = bench.desk;
      await stranger?.succeed(['ip', 'addr', 'add', '100.73.0.2/24', 'dev', 'eth0']);
      await peer.host.succeed(['ip', 'addr', 'add', '100.73.0.3/24', 'dev', 'eth0']);
      assert.not(await answers(peer.host, '100.73.0.2'));
      await peer.host.succeed(['ip', 'addr', 'del', '100.73.0.3/24', 'dev', 'eth0']);
      await stranger?.succeed(['ip', 'addr', 'del', '100.73.0.2/24', 'dev', 'eth0']);
    }
  );

  scenario('behind a provider with such a network, router and LAN have the Internet', async () => {
    const { desk, rootfs, router } = bench;
    await router.succeed(['sync']);
    await router.powerCut();
    wan = await Wan.connect(desk, rootfs, 'cgnat');
    bench.atEnd(() => wan.end());
    await router.powerOn();
    await untilRunning(router);
    toRouter.wan = await addressOf(bench, 'wan');
    assert.match(toRouter.wan, /^100\.72\.0\./);
    // Its last address was of another router's LAN.
    await desk.surroundings.lease(await lanClient(bench));
    await assertInternet(bench, toRouter.lan);
  });

  scenario('the names that it asks for come by the gateway and by a server further away', async () => {
    const client = await lanClient(bench);
    for (const server of ['100.72.0.1', '100.100.2.136']) {
      assert.ok(await resolves(bench.router, server), server);
      assert.ok(await resolves(client, server), server);
    }
  });

  scenario(
    'each name that is asked for after connecting is known, to the router and to its LAN',
    async () => {
      const { desk, router } = bench;
      const client = await lanClient(bench);
      const resolvConf = await router.read('tmp/resolv.conf');
      await router.succeed(['tailscale', 'logout']);
      // On the command line, Tailscale takes the names over; that lasts for a moment.
      await desk.login(router);
      await router.until('its own names are known', 20, async () => {
        return (await lookUp(client, 'laptop.tailnet.example', toRouter.lan)) === desk.peerAddress;
      });
      assert.is(await router.read('tmp/resolv.conf'), resolvConf);
      for (let i = 0; i < 30; i++) {
        const name = `connected${i}.ntp.example`;
        assert.is(await lookUp(client, name, toRouter.lan), desk.internet.address);
        // As any program on it asks.
        assert.match((await router.exec(['nslookup', `router-${name}`])).stdout, desk.internet.address);
        await sleep(100);
      }
    }
  );

  scenario('its address is renewed', async () => {
    const { router } = bench;
    const renewed = async () => (await router.logread()).split(' obtained from 100.72.0.1').length;
    const before = await renewed();
    await router.succeed('kill -USR1 $(cat /var/run/udhcpc-eth1.pid)');
    await router.until('the gateway has answered', 5, async () => (await renewed()) > before);
    assert.is(await addressOf(bench, 'wan'), toRouter.wan);
  });

  scenario('a neighbour and the router have each other, and he is not taken for a peer', async () => {
    neighbour = await wan.addNeighbour();
    const [, address = ''] =
      /inet (100\.72\.0\.\d+)/.exec(await neighbour.succeed(['ip', 'addr', 'show', 'eth0'])) ?? [];
    assert.ok(await answers(bench.router, address));
    assert.ok(await answers(neighbour, toRouter.wan));
    await assertNoSpoofing(bench, neighbour, 'eth1');
  });

  scenario('with a LAN in 100.64.0.0/24, in which peers would be, it has its computers', async () => {
    const { desk, router } = bench;
    await wan.end();
    await moveLan(bench, '100.64.0.254/24');
    const client = await lanClient(bench);
    const address = await leaseOf(bench, client, /^100\.64\.0\.[1-5]\d$/);
    await untilRunning(router);
    await assertInternet(bench, '100.64.0.254');
    assert.ok(await answers(router, address));
    // The address of a peer, too.
    await client.succeed(['ip', 'addr', 'add', `${desk.peerAddress}/24`, 'dev', 'eth0']);
    assert.ok(await answers(client, '100.64.0.254', desk.peerAddress));
    await client.succeed(['ip', 'addr', 'del', `${desk.peerAddress}/24`, 'dev', 'eth0']);
  });

  scenario('a peer reaches a part of it by a route, and is reached', async () => {
    const { desk, router } = bench;
    const route = '100.64.0.128/25';
    await moveLan(bench, '100.64.0.129/25');
    const client = await lanClient(bench);
    const address = await leaseOf(bench, client, /^100\.64\.0\.1[3-8]\d$/);
    const { Self } = await untilRunning(router);
    await router.succeed(['tailscale', 'set', `--advertise-routes=${route}`]);
    await desk.headscale.approveRoutesOf(Self.TailscaleIPs?.[0] ?? '', [route]);
    await desk.peer.cli.succeed('set', '--accept-routes');
    await router.until('the peer reaches the LAN', 20, () => answers(desk.peer.host, address));
    assert.ok(await answers(client, desk.peerAddress));
    await desk.peer.cli.succeed('set', '--accept-routes=false');
    await assertInternet(bench, '100.64.0.129');
    await assertNoSpoofing(bench, client, 'br-lan');
  });
});

/** For LAN client and router: somebody out there, by address and by name, and the router's own pages and names. */
async function assertInternet(bench: Bench, router: string): Promise<void> {
  const client = await lanClient(bench);
  const { address } = bench.desk.internet;
  await bench.router.until('the router has the Internet', 20, () => answers(bench.router, address));
  await bench.router.until('the LAN has the Internet', 10, () => answers(client, address));
  // dnsmasq hears of a provider's servers a moment after the address is there.
  await bench.router.until('names on the router', 20, () => resolves(bench.router, '127.0.0.1'));
  assert.ok(await resolves(client, router), 'names on the LAN');
  await client.succeed(['busybox', 'wget', '-q', '-O', '/dev/null', `http://${router}/`], { timeout: 5 });
}

/** From there, nothing with a peer's address gets into the router, though the same with another's does. */
async function assertNoSpoofing({ desk, router }: Bench, from: Host, device: string): Promise<void> {
  const addresses = (await desk.peer.cli.status()).Self.TailscaleIPs ?? [];
  const [least = 0, least6 = 0] = await arriveFrom(from, router, device, ['198.51.100.7', '2001:db8:77::7']);
  assert.ok(least > 0 && least6 > 0, `from ${from.name}, of others: ${least}, ${least6}`);
  const arrived = await arriveFrom(from, router, device, addresses);
  assert.equal(arrived, [0, 0], `from ${from.name}, as ${addresses.join()}`);
}

async function answers(
  from: Pick<Host, 'run'> | Bench['router'],
  to: string,
  source?: string
): Promise<boolean> {
  const ping = ['ping', '-c', '1', '-W', '2', ...(source === undefined ? [] : ['-I', source]), to];
  return ('run' in from ? await from.run(ping) : await from.exec(ping)).code === 0;
}

async function resolves(at: Host | Bench['router'], server: string): Promise<boolean> {
  const lookup = ['nslookup', 'ntp.example', server];
  const options = { timeout: 5 };
  const { stdout } =
    'run' in at ? await at.run(['busybox', ...lookup], options) : await at.exec(lookup, options);
  return stdout.includes('192.0.2.1');
}

async function moveLan({ router }: Bench, address: string): Promise<void> {
  await router.succeed(`uci set network.lan.ipaddr=${address}; uci set dhcp.lan.start=10; uci set dhcp.lan.limit=50
    uci commit; /etc/init.d/network restart`);
  const has = `ip addr show dev br-lan | grep -qF ${address}`;
  await router.until(`the LAN is ${address}`, 20, has);
}

/** A client's address of the LAN as it is now: dnsmasq hears of the new one a moment after the router has it. */
async function leaseOf({ desk, router }: Bench, client: Host, expected: RegExp): Promise<string> {
  return (await router.until('the LAN has an address for its client', 20, async () => {
    const address = await desk.surroundings.lease(client);
    return expected.test(address) && address;
  })) as string;
}

async function addressOf({ router }: Bench, network: string): Promise<string> {
  const status = (await router.ubus(`network.interface.${network}`, 'status')) as {
    'ipv4-address'?: { address: string }[];
  };
  return status['ipv4-address']?.[0]?.address ?? '';
}
