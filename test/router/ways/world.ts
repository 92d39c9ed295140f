import { Cable } from '../../../dev/router/cable.ts';
import type { Desk } from '../../../dev/router/desk.ts';
import type { OpenWrt } from '../../../dev/router/router.ts';
import { succeed } from '../../../dev/tailnet/command.ts';
import type { Host } from '../../../dev/tailnet/namespaces.ts';
import { addFront } from './front.ts';
import { FarEnd, type Mark } from './far-end.ts';
import { protocols, type Heard, type Reached, type Target } from './orders.ts';
import { arrows, forged, type Arrow, type EndName } from './table.ts';

/** For each row of the table the ways that are open, such as `udp6`. */
export type Matrix = Record<string, string[]>;

/** IPv4, IPv6 among networks of one's own, and IPv6 as everybody reaches it: all but the last byte. */
const networks = {
  lan: ['192.168.1.', 'fd42:1::', '2001:db8:1:1::'],
  guest: ['192.168.3.', 'fd42:3::', '2001:db8:1:3::'],
  upstream: ['192.168.178.', 'fd00:178::', '2001:db8:f::']
} as const;

const bridges = { lan: 'home', guest: 'guests', upstream: 'provider' } as const;
/** The router's last byte there. */
const routers = { lan: 1, guest: 1, upstream: 2 } as const;
/** Everybody's else. */
const neighbour = 32;

/** Of somebody on the Internet, in no network of a peer's: those an exit node does not lead to. */
export const far = ['203.0.113.9', '2001:db8:99::9'];

/** What the router is to advertise. */
export const advertised = ['192.168.1.0/24', '192.168.3.0/24', 'fd42:1::/64', 'fd42:3::/64'];

const forgers: (Mark & { name: keyof typeof forged })[] = [
  { name: 'lan', port: 7780, size: 77 },
  { name: 'upstream', port: 7781, size: 78 },
  { name: 'guest', port: 7782, size: 79 }
];

/** Of tailscaled. Nothing that is meant for it is as short. */
const knocks: (Mark & { from: EndName })[] = [
  { name: 'knock_internet', from: 'internet', port: 41641, size: 3 },
  { name: 'knock_upstream', from: 'upstream', port: 41641, size: 4 }
];

/**
 * A desk with more on it: its router has a second LAN, for guests, and stands behind another one, which keeps nobody
 * out. On each side is an end that answers, and tries to reach the others.
 */
export class World {
  readonly desk: Desk;
  readonly #ends = new Map<string, FarEnd>();
  /** Somebody on the Internet. */
  readonly stranger: Host;
  /** What the router has its IPv4 address on the Internet of. */
  readonly #front: Host;
  readonly #neighbours = new Map<string, Host>();
  readonly #peer: readonly string[];
  #router: readonly string[] = [];

  /** Once: the WAN of the desk's routers is another one then. */
  static async open(desk: Desk): Promise<World> {
    const more = [bridges.guest, bridges.upstream].map(
      (name) => `link add ${name} type bridge\nlink set ${name} up\n`
    );
    await succeed(['ip', '-batch', '-'], { input: more.join('') });
    desk.surroundings.others.push(new Cable('guest', 'eth2', bridges.guest));
    const hosts = await addFront(desk, bridges.upstream);
    await desk.surroundings.wan.moveTo(bridges.upstream);
    await desk.peer.cli.succeed('set', '--accept-routes');
    const addresses = (await desk.peer.cli.status()).TailscaleIPs ?? [];
    const { front, stranger } = hosts;
    await stranger.succeed(['ip', '-batch', '-'], {
      input: far.map((address) => `addr add ${address} dev lo\n`).join('')
    });
    for (const host of [front, desk.peer.host])
      await host.succeed(['ip', '-batch', '-'], {
        input: `route add ${far[0] ?? ''} via ${stranger.address}\nroute add ${far[1] ?? ''} via ${stranger.address6}\n`
      });
    const world = new World(desk, hosts, addresses);
    await Promise.all([
      world.#addEnd('internet', hosts.stranger.pid),
      world.#addEnd('peer', desk.peer.host.pid)
    ]);
    for (const name of ['lan', 'guest', 'upstream'] as const) await world.#addNeighbour(name);
    for (const { name } of forgers) await world.#addForger(name);
    return world;
  }

  private constructor(
    desk: Desk,
    { front, stranger }: { front: Host; stranger: Host },
    peer: readonly string[]
  ) {
    this.desk = desk;
    this.#front = front;
    this.stranger = stranger;
    this.#peer = peer;
  }

  /** What a router needs for it, before its first boot. */
  async prepare(router: OpenWrt): Promise<void> {
    await router.write('etc/uci-defaults/98-ways', `uci -q batch <<'EOT'\n${settings}commit\nEOT\n`);
  }

  /** The router is an end, too, until it goes off; `addresses` are those in the tailnet. */
  async enterRouter(router: OpenWrt, addresses: readonly string[]): Promise<void> {
    this.#router = addresses;
    await this.#addEnd('router', router.pid);
  }

  /** A computer on one of the router's networks. */
  neighbour(side: 'lan' | 'guest'): Host {
    const host = this.#neighbours.get(side);
    if (!host) throw new Error(`nobody is on ${side}`);
    return host;
  }

  /** Which addresses somebody on the Internet sees of it, by IPv4 and IPv6; '' where it gets nowhere. */
  seen(from: EndName): Promise<string[]> {
    return this.#end(from).tell({ do: 'ask', targets: farTargets });
  }

  /** What is seen of it while it goes there by the router alone. */
  own(from: 'lan' | 'guest' | 'router'): string[] {
    const address6 = from === 'router' ? `${networks.upstream[2]}2` : `${networks[from][2]}${neighbour}`;
    return [this.#front.address, address6];
  }

  /** From now on, sends so many datagrams of each family a second to somebody on the Internet; 0: no more. */
  async flood(from: EndName, perSecond: number): Promise<void> {
    await this.#end(from).tell({ do: 'flood', targets: farTargets, perSecond });
  }

  /** Tries everything once. */
  async look(): Promise<Matrix> {
    const matrix: Matrix = {};
    const reached = new Set<EndName>(['router', ...Object.values(forged).flat()]);
    await Promise.all([...reached].map((name) => this.#end(name).count([...forgers, ...knocks])));
    const tried = [...new Set(arrows.map(({ from }) => from))].map((from) => this.#tryFrom(from, matrix));
    await Promise.all([...tried, ...forgers.map((forger) => this.#forge(forger))]);
    for (const { name } of forgers)
      for (const to of forged[name]) matrix[`forger ${name} → ${to}`] = await this.#end(to).counted(name);
    for (const { name, from } of knocks)
      matrix[`${from} → router:41641`] = await this.#end('router').counted(name);
    return matrix;
  }

  /**
   * From now on datagrams are sent all the time on these arrows, and forged ones: by IPv4 only where nobody may go, for
   * an address of the tailnet may be a provider's as long as there is no tailnet.
   */
  async stream(chosen: readonly Arrow[]): Promise<void> {
    await this.#hear();
    await Promise.all(
      [...this.#ends].map(async ([key, end]) => {
        const from = arrows.filter((arrow) => arrow.from === key && chosen.includes(arrow.name));
        const targets = from.flatMap(({ to }) => this.#targets(key as EndName, to));
        const forger = forgers.find(({ name }) => key === `forger ${name}`);
        if (forger) targets.push(...this.#forgedTargets(forger.name, chosen));
        await end.tell({ do: 'stream', key, targets });
      })
    );
  }

  /** Ends that, and returns what was heard. */
  async endStream(): Promise<Heard> {
    await Promise.all([...this.#ends].map(([key, end]) => end.tell({ do: 'stream', key, targets: [] })));
    return this.#hear();
  }

  async #hear(): Promise<Heard> {
    const heard: Heard = {};
    const all = await Promise.all([...this.#ends.values()].map((end) => end.tell<Heard>({ do: 'hear' })));
    return Object.assign(heard, ...all) as Heard;
  }

  async #tryFrom(from: EndName, matrix: Matrix): Promise<void> {
    for (const { port, size } of knocks.filter((knock) => knock.from === from))
      await this.#end(from).tell({ do: 'knock', targets: this.#targets(from, 'router'), port, size });
    const tried = arrows.filter((arrow) => arrow.from === from);
    const targets = tried.flatMap(({ to }) => this.#targets(from, to));
    const reached = await this.#end(from).tell<Reached>({ do: 'try', targets });
    for (const [i, { name }] of tried.entries())
      matrix[name] = [4, 6].flatMap((family, j) =>
        protocols
          .filter((protocol) => reached[2 * i + j]?.[protocol])
          .map((protocol) => `${protocol}${family}`)
      );
  }

  async #forge({ name, port, size }: (typeof forgers)[number]): Promise<void> {
    const targets = forged[name].flatMap((to) => this.#targets(name, to));
    await this.#end(`forger ${name}`).tell({ do: 'forge', targets, from: this.#peer, port, size });
  }

  #forgedTargets(name: keyof typeof forged, closed: readonly Arrow[]): (Target & { from?: string })[] {
    return forged[name].flatMap((to) => {
      const families = this.#targets(name, to).map((one, i) => ({ ...one, from: this.#peer[i] ?? '' }));
      return closed.includes(`${name} → ${to}`) ? families : families.slice(1);
    });
  }

  #end(name: string): FarEnd {
    const end = this.#ends.get(name);
    if (!end) throw new Error(`there is no end ${name}`);
    return end;
  }

  /** Where one reaches the other: by IPv4, and by IPv6. */
  #targets(from: EndName, to: EndName): (Target & { from?: string })[] {
    return this.#addresses(from, to).map((address) => ({ name: to, address }));
  }

  #addresses(from: EndName, to: EndName): readonly string[] {
    if (to === 'peer') return this.#peer;
    if (to === 'internet') return [this.stranger.address, this.stranger.address6];
    if (to === 'router' && from === 'peer') return this.#router;
    // Who is not of the same house uses what everybody can reach.
    const kind = from === 'internet' || to === 'upstream' ? 2 : 1;
    if (to !== 'router') return [`${networks[to][0]}${neighbour}`, `${networks[to][kind]}${neighbour}`];
    const side = from === 'lan' || from === 'guest' ? from : 'upstream';
    return [`${networks[side][0]}${routers[side]}`, `${networks[side][kind]}${routers[side]}`];
  }

  async #addEnd(name: string, pid: number): Promise<void> {
    this.#ends.set(name, await FarEnd.start(name, pid));
  }

  async #addNeighbour(side: keyof typeof networks): Promise<void> {
    const host = await this.desk.surroundings.addHostOn(bridges[side], side);
    this.#neighbours.set(side, host);
    await settle(host, side, neighbour);
    await this.#addEnd(side, host.pid);
  }

  /** It has the peer's addresses, too. */
  async #addForger(side: keyof typeof forged): Promise<void> {
    const host = await this.desk.surroundings.addHostOn(bridges[side], `forger-${side}`);
    await settle(host, side, neighbour + 1);
    const own = this.#peer.map(
      (address) => `addr add ${address} dev lo${address.includes(':') ? ' nodad' : ''}\n`
    );
    await host.succeed(['ip', '-batch', '-'], { input: own.join('') });
    await this.#addEnd(`forger ${side}`, host.pid);
  }
}

const farTargets: readonly Target[] = far.map((address) => ({ name: 'internet', address }));

/** Gives a host its addresses there, and the way out: in front of the router, only to what is behind it. */
async function settle(host: Host, side: keyof typeof networks, number: number): Promise<void> {
  const own = networks[side].map(
    (network, i) => `addr add ${network}${number}/${i ? '64 dev eth0 nodad' : '24 dev eth0'}`
  );
  const [via4, via6] = networks[side].map((network) => `${network}${routers[side]}`);
  const behind = { 4: ['192.168.0.0/16', '100.64.0.0/10'], 6: ['fc00::/7', '2001:db8:1::/48'] };
  const to = side === 'upstream' ? behind : { 4: ['default'], 6: ['default'] };
  const routes = [
    ...to[4].map((network) => `route add ${network} via ${via4 ?? ''}`),
    ...to[6].map((network) => `route add ${network} via ${via6 ?? ''}`)
  ];
  await host.succeed(['sysctl', '-q', '-w', 'net.ipv6.conf.eth0.accept_ra=0']);
  // It has its link-local address again then.
  const links = ['link set eth0 down', 'link set eth0 up'];
  await host.succeed(['ip', '-batch', '-'], { input: [...links, ...own, ...routes, ''].join('\n') });
}

/** For `uci batch`. The guests' firewall is as OpenWrt's documentation has it. */
const settings = `delete network.globals.ula_prefix
delete network.lan.ip6assign
add_list network.lan.ip6addr=${networks.lan[1]}1/64
add_list network.lan.ip6addr=${networks.lan[2]}1/64
set network.wan6.proto=static
add_list network.wan6.ip6addr=${networks.upstream[1]}2/64
add_list network.wan6.ip6addr=${networks.upstream[2]}2/64
set network.wan6.ip6gw=${networks.upstream[2]}1
set network.guest_device=device
set network.guest_device.type=bridge
set network.guest_device.name=br-guest
add_list network.guest_device.ports=eth2
set network.guest=interface
set network.guest.proto=static
set network.guest.device=br-guest
set network.guest.ipaddr=${networks.guest[0]}1
set network.guest.netmask=255.255.255.0
add_list network.guest.ip6addr=${networks.guest[1]}1/64
add_list network.guest.ip6addr=${networks.guest[2]}1/64
set firewall.guest=zone
set firewall.guest.name=guest
add_list firewall.guest.network=guest
set firewall.guest.input=REJECT
set firewall.guest.output=ACCEPT
set firewall.guest.forward=REJECT
set firewall.guest_wan=forwarding
set firewall.guest_wan.src=guest
set firewall.guest_wan.dest=wan
set firewall.guest_neighbours=rule
set firewall.guest_neighbours.name=Allow-Neighbours-Guest
set firewall.guest_neighbours.src=guest
set firewall.guest_neighbours.family=ipv6
set firewall.guest_neighbours.proto=icmp
add_list firewall.guest_neighbours.icmp_type=neighbour-solicitation
add_list firewall.guest_neighbours.icmp_type=neighbour-advertisement
add_list firewall.guest_neighbours.icmp_type=router-solicitation
set firewall.guest_neighbours.target=ACCEPT
`;
