import * as assert from 'uvu/assert';
import { Cable } from '../../dev/router/cable.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';
import { onEachRelease } from '../support/router.ts';
import { callAgent } from './agent-calls.ts';
import { lookUp } from './look-up.ts';
import { serveNamesOnPeer } from './peer-names.ts';
import { lanClient } from './reach.ts';
import { writePolicy } from './ways/exits.ts';

/** Names of a tailnet where a router has more than one dnsmasq, asks the tailnet's resolvers, or has another resolver. */

const peerName = 'laptop.tailnet.example';
const bridge = 'guests';

/** One more network, with a dnsmasq of its own, as OpenWrt's documentation has it. */
const guests = `uci -q batch <<'EOT'
set network.guest=interface
set network.guest.proto=static
set network.guest.device=eth2
set network.guest.ipaddr=192.168.3.1/24
set firewall.guest=zone
set firewall.guest.name=guest
add_list firewall.guest.network=guest
set firewall.guest.input=ACCEPT
set firewall.guest.output=ACCEPT
set firewall.guest.forward=REJECT
rename dhcp.@dnsmasq[0]=home
add_list dhcp.home.interface=lan
set dhcp.lan.instance=home
set dhcp.visitors=dnsmasq
set dhcp.visitors.domainneeded=1
set dhcp.visitors.rebind_protection=1
set dhcp.visitors.localservice=1
set dhcp.visitors.leasefile=/tmp/dhcp.leases.visitors
add_list dhcp.visitors.interface=guest
add_list dhcp.visitors.notinterface=loopback
add_list dhcp.visitors.rebind_domain=example
set dhcp.guest=dhcp
set dhcp.guest.interface=guest
set dhcp.guest.instance=visitors
set dhcp.guest.start=100
set dhcp.guest.limit=50
set dhcp.guest.leasetime=1h
commit
EOT
`;

let visitor: Host | undefined;

await onEachRelease('resolvers', (scenario, bench) => {
  let client: Host;
  let guest: Host;

  /** Each of them and the server that it asks. */
  const all = (): [at: Host | OpenWrt, server: string][] => [
    [client, '192.168.1.1'],
    [guest, '192.168.3.1'],
    [bench.router, '127.0.0.1']
  ];

  const resolves = async (
    name: string,
    expected: string,
    at: readonly (readonly [Host | OpenWrt, string])[] = all()
  ): Promise<void> => {
    for (const [from, server] of at) {
      let last = '';
      await bench.router
        .until('it is known', 40, async () => (last = await lookUp(from, name, server)) === expected)
        .catch(() => {
          assert.is(last, expected, `${name} at ${server}`);
        });
    }
  };

  /** Of DHCP, what the LAN is told of the domains to look in. */
  const searched = async (): Promise<string> => {
    const script = '/run/desk/search.sh';
    await succeed([
      'sh',
      '-c',
      `echo '#!/bin/sh\n[ "$1" != bound ] || echo "[$search]"' >$0; chmod 755 $0`,
      script
    ]);
    const dhcp = ['busybox', 'udhcpc', '-i', 'eth0', '-n', '-q', '-t', '3', '-O', 'search', '-s', script];
    return /\[(.*)\]/.exec((await client.run(dhcp)).stdout)?.[1] ?? '';
  };

  scenario('each of several dnsmasqs knows the names of the tailnet', async () => {
    const { desk, router } = bench;
    const { surroundings } = desk;
    if (!visitor) {
      await succeed(['ip', '-batch', '-'], {
        input: `link add ${bridge} type bridge\nlink set ${bridge} up\n`
      });
      surroundings.others.push(new Cable('guest', 'eth2', bridge));
    }
    await router.write('etc/uci-defaults/98-guests', guests);
    await router.powerOn();
    client = await lanClient(bench);
    await surroundings.lease(client);
    visitor ??= await surroundings.addHostOn(bridge, 'visitor');
    guest = visitor;
    assert.match(await surroundings.lease(guest), /^192\.168\.3\./);
    assert.is((await router.succeed('ls -d /var/etc/dnsmasq.conf.*')).trim().split('\n').length, 2);
    await desk.install(router);
    await desk.login(router);
    await resolves(peerName, desk.peerAddress);
    await resolves('laptop', desk.peerAddress);
    await resolves(desk.peerAddress, peerName);
    await resolves('ntp.example', desk.internet.address);
  });

  scenario('after a power cut they do again, and refuse them until then', async () => {
    const { desk, router } = bench;
    await router.succeed(['sync']);
    await router.powerCut();
    desk.mirror.setFault({ kind: 'stall', after: 0, on: 'everything' });
    await router.powerOn();
    await resolves('ntp.example', desk.internet.address);
    await resolves(peerName, 'REFUSED');
    desk.mirror.setFault();
    await resolves(peerName, desk.peerAddress);
  });

  scenario('the LAN looks for names in the domain of the tailnet, if somebody wants that', async () => {
    const { router } = bench;
    assert.not.match(await searched(), 'tailnet.example');
    await writePolicy(router, { search_domain: '1' });
    let last = '';
    await router
      .until('DHCP says so', 30, async () => (last = await searched()) === 'lan tailnet.example')
      .catch(() => {
        assert.is(last, 'lan tailnet.example');
      });
    await resolves(peerName, bench.desk.peerAddress);
    await writePolicy(router, {});
    await router.until('it says so no more', 30, async () => !(await searched()).includes('tailnet'));
  });

  scenario('the resolvers of the tailnet are asked for all other names, if somebody wants that', async () => {
    const { desk, router } = bench;
    serveNamesOnPeer(desk, { 'ntp.example': '10.1.2.3', 'elsewhere.example': '10.1.2.4' });
    await desk.headscale.setDns({ resolvers: [desk.peerAddress] });
    await resolves(peerName, desk.peerAddress);
    await resolves('ntp.example', desk.internet.address);
    await resolves('elsewhere.example', 'NXDOMAIN');
    await writePolicy(router, { tailnet_resolvers: '1' });
    await resolves('elsewhere.example', '10.1.2.4');
    await resolves('a.ntp.example', '10.1.2.3');
    await resolves(peerName, desk.peerAddress);
  });

  scenario('so they are when an address of WAN has come anew', async () => {
    const { router } = bench;
    for (let i = 0; i < 3; i++) {
      await router.succeed('ifdown wan; sleep 1; ifup wan');
      await router.until('WAN is up', 20, 'ubus call network.interface.wan status | grep -q \'"up": true\'');
      // Longer than it may take.
      await router.succeed(['sleep', '5']);
      for (const [from, server] of all())
        assert.is(await lookUp(from, `renewed${i}.elsewhere.example`, server), '10.1.2.4', server);
    }
  });

  scenario(
    'while there is no tailnet, the provider is asked; and from then on when nobody wants it',
    async () => {
      const { desk, router } = bench;
      const server = `--login-server=${desk.headscale.url}`;
      await router.succeed(['tailscale', 'down']);
      await resolves('b.ntp.example', desk.internet.address);
      await resolves(peerName, 'REFUSED');
      await router.succeed(['tailscale', 'up', '--accept-dns=false', '--netfilter-mode=off', server]);
      await resolves('c.ntp.example', '10.1.2.3');
      await writePolicy(router, {});
      await resolves('d.ntp.example', desk.internet.address);
      await desk.headscale.setDns();
    }
  );

  scenario('another resolver needs two lines, which are told, and those are enough', async () => {
    const { desk, router } = bench;
    const finding = { code: 'other-resolver', arguments: { domain: 'tailnet.example' } };
    const findings = async (): Promise<unknown[]> =>
      (await callAgent<{ findings: unknown[] }>(router, 'network')).findings;
    assert.equal(await findings(), []);
    await router.succeed(
      `uci delete dhcp.visitors; uci delete dhcp.guest; uci set dhcp.home.port=5353; uci commit; reload_config`
    );
    const moved = [
      [client, '192.168.1.1:5353'],
      [router, '127.0.0.1:5353']
    ] as const;
    await resolves(peerName, desk.peerAddress, moved);
    await resolves('ntp.example', desk.internet.address, moved);
    assert.equal(await findings(), [finding]);

    const asked = [
      [client, '192.168.1.1'],
      [router, '127.0.0.1']
    ] as const;
    const start = async (lines: readonly string[]): Promise<void> => {
      const conf = ['port=53', 'bind-interfaces', 'no-resolv', 'no-hosts', 'pid-file=/tmp/other.pid'];
      await router.write(
        'tmp/other.conf',
        [
          ...conf,
          'listen-address=192.168.1.1,127.0.0.1',
          `server=${desk.internet.address}`,
          ...lines,
          ''
        ].join('\n')
      );
      await router.succeed(
        '[ ! -e /tmp/other.pid ] || kill $(cat /tmp/other.pid); sleep 1; dnsmasq -C /tmp/other.conf'
      );
    };
    await start([]);
    await resolves('ntp.example', desk.internet.address, asked);
    await resolves(peerName, 'NXDOMAIN', asked);
    // As the page tells.
    const { domain } = finding.arguments;
    await start([`server=/${domain}/100.100.100.100`, 'rev-server=100.64.0.0/10,100.100.100.100']);
    await resolves(peerName, desk.peerAddress, asked);
    await resolves(desk.peerAddress, peerName, asked);
    await resolves('ntp.example', desk.internet.address, asked);
  });

  scenario('nothing of it is left after a logout', async () => {
    const { router } = bench;
    await router.succeed('kill $(cat /tmp/other.pid); uci delete dhcp.home.port; uci commit; reload_config');
    await router.succeed(['tailscale', 'logout']);
    await router.until('dnsmasq is as before', 20, '! ls /tmp/dnsmasq.home.d/tailscale-ram.conf');
    await resolves('ntp.example', bench.desk.internet.address, [[client, '192.168.1.1']]);
    assert.equal((await callAgent<{ findings: unknown[] }>(router, 'network')).findings, []);
  });
});
