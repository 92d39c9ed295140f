import type { Desk } from '../../../dev/router/desk.ts';
import { succeed } from '../../../dev/tailnet/command.ts';
import type { Host } from '../../../dev/tailnet/namespaces.ts';

/**
 * Adds the router that the desk's one stands behind, with DHCP and DNS, and somebody on the Internet, whom it forwards
 * to all that is behind both, as the worst of providers would.
 */
export async function addFront(desk: Desk, bridge: string): Promise<{ front: Host; stranger: Host }> {
  const front = await desk.internet.addHost('front');
  await succeed(['ip', '-batch', '-'], {
    input: `link add front type veth peer name eth1 netns ${front.pid}\nlink set front master ${bridge} up\n`
  });
  await front.succeed(['ip', '-batch', '-'], {
    input: `addr add 192.168.178.1/24 dev eth1
addr add fd00:178::1/64 dev eth1 nodad
addr add 2001:db8:f::1/64 dev eth1 nodad
link set eth1 up
${behind4.map((network) => `route add ${network} via 192.168.178.2 dev eth1\n`).join('')}
${behind6.map((network) => `route add ${network} via 2001:db8:f::2 dev eth1\n`).join('')}`
  });
  await front.succeed(['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
  await front.succeed(['nft', '-f', '-'], {
    input: `table ip front {
      chain out { type nat hook postrouting priority 100; oifname eth0 ip saddr 192.168.178.0/24 masquerade; }
    }\n`
  });
  front.spawn(
    [
      ...[
        'dnsmasq',
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--interface=eth1',
        '--bind-interfaces'
      ],
      ...['--user=root', '--pid-file=', '--no-resolv', '--no-hosts', `--server=${desk.internet.address}`],
      ...['--dhcp-authoritative', '--no-ping', '--dhcp-range=192.168.178.2,192.168.178.2,1h'],
      `--dhcp-leasefile=${desk.directory}/front-leases`
    ],
    { log: `${desk.directory}/front.log` }
  );

  const stranger = await desk.internet.addHost('stranger');
  await stranger.succeed(['ip', '-batch', '-'], {
    input: [
      ...['192.168.178.0/24', ...behind4].map((network) => `route add ${network} via ${front.address}\n`),
      ...['2001:db8:f::/48', ...behind6].map((network) => `route add ${network} via ${front.address6}\n`)
    ].join('')
  });
  return { front, stranger };
}

/** What is behind the desk's router. */
const behind4 = ['192.168.1.0/24', '192.168.3.0/24', '100.64.0.0/10'];
const behind6 = ['fd42::/16', 'fd7a:115c:a1e0::/48', '2001:db8:1::/48'];
