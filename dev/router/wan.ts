import { join } from 'node:path';
import { succeed } from '../tailnet/command.ts';
import type { Host } from '../tailnet/namespaces.ts';
import { Cable } from './cable.ts';
import type { Desk } from './desk.ts';
import type { Rootfs } from './rootfs.ts';
import type { OpenWrt } from './router.ts';

/** The ways in which a desk's router is connected to the Internet, and what each is like. */
export const wanKinds = {
  plain: 'the cable is in, and the provider gives a public address',
  late: 'it comes after two minutes',
  flapping: 'every ten seconds it is gone for two',
  slow: '16 Mbit/s',
  cgnat: "the provider's network is in 100.64.0.0/10, and so is its DNS",
  behind: 'another router stands in between, with a private network',
  ipv6: 'another router stands in between, which delegates an IPv6 prefix',
  none: 'the cable is out'
} as const;

export type WanKind = keyof typeof wanKinds;

export function isWanKind(name: string): name is WanKind {
  return Object.hasOwn(wanKinds, name);
}

export interface WanOptions {
  /** Of the late one: when it comes. */
  afterSeconds?: number;
}

/** A WAN other than the plain one, for the router of a desk. */
export class Wan {
  readonly #desk: Desk;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #neighbours: Host[] = [];
  #between: OpenWrt | undefined;

  /**
   * Instead of the WAN that the desk's router has now; a router that is on sees a cable that was pulled out for a
   * moment. What stands in between, if anything, runs OpenWrt, too: `rootfs`, and is up when this returns.
   */
  static async connect(
    desk: Desk,
    rootfs: Rootfs,
    kind: WanKind,
    { afterSeconds = 120 }: WanOptions = {}
  ): Promise<Wan> {
    const wan = new Wan(desk);
    const { wan: cable } = desk.surroundings;
    if (kind === 'none' || kind === 'late') await cable.disconnect();
    if (kind === 'late') wan.#after(afterSeconds, () => cable.connect());
    if (kind === 'slow') await cable.limit(16_000_000);
    if (kind === 'flapping') wan.#flap(cable);
    if (kind === 'cgnat' || kind === 'behind' || kind === 'ipv6') await wan.#standBetween(rootfs, kind);
    return wan;
  }

  private constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** Another customer of the provider's, on the same network as the router's WAN, where something stands in between. */
  async addNeighbour(): Promise<Host> {
    const neighbour = await this.#desk.surroundings.addClient('neighbour', bridge);
    this.#neighbours.push(neighbour);
    return neighbour;
  }

  /** The plain one is back. */
  async end(): Promise<void> {
    const { wan } = this.#desk.surroundings;
    for (const timer of this.#timers) clearTimeout(timer);
    await wan.limit(undefined);
    await wan.connect();
    const between = this.#between;
    if (!between) return;
    this.#between = undefined;
    for (const neighbour of this.#neighbours) await neighbour.powerOff();
    await wan.moveTo('internet');
    await between.remove();
    await succeed(['ip', 'link', 'del', bridge]);
  }

  #after(seconds: number, act: () => Promise<void>): void {
    this.#timers.push(setTimeout(() => void act(), seconds * 1000).unref());
  }

  #flap(cable: Cable): void {
    this.#after(10, async () => {
      await cable.disconnect();
      this.#after(2, async () => {
        await cable.connect();
        this.#flap(cable);
      });
    });
  }

  async #standBetween(rootfs: Rootfs, kind: keyof typeof settings): Promise<void> {
    await succeed(['ip', '-batch', '-'], {
      input: `link add ${bridge} type bridge\nlink set ${bridge} up\n`
    });
    const lan = new Cable('between-lan', 'eth0', bridge);
    const wan = new Cable('between-wan', 'eth1', 'internet');
    const router = await this.#desk.addRouter(rootfs, {
      directory: join(this.#desk.directory, 'between'),
      plug: async (pid) => {
        await lan.plug(pid);
        await wan.plug(pid);
      }
    });
    this.#between = router;
    const changes = settings[kind].map((change) => `set ${change}\n`).join('');
    await router.write('etc/uci-defaults/99-between', `uci batch <<'EOT'\n${changes}commit\nEOT\n`);
    try {
      await router.powerOn();
      await router.until('it resolves names', 30, 'nslookup ntp.example 127.0.0.1 | grep -q "192.0.2"');
      await this.#desk.surroundings.wan.moveTo(bridge);
      // Ours is the Internet's.
      if (kind === 'ipv6')
        for (const end of [this.#desk.peer.host, { succeed }])
          await end.succeed(['ip', 'route', 'replace', ...delegatedRoute]);
    } catch (error) {
      await this.end();
      throw error;
    }
  }
}

/** On which the router's WAN lies when another router is in between. */
const bridge = 'provider';

/** What is `uci set` on the router in between. */
const settings = {
  cgnat: [
    'network.lan.ipaddr=100.72.0.1/24',
    'network.dns=interface',
    'network.dns.device=lo',
    'network.dns.proto=static',
    'network.dns.ipaddr=100.100.2.136/32',
    'dhcp.lan.dhcp_option=6,100.72.0.1,100.100.2.136'
  ],
  behind: ['network.lan.ipaddr=192.168.178.1/24'],
  ipv6: [
    'network.lan.ipaddr=192.168.178.1/24',
    'network.wan6.proto=static',
    'network.wan6.ip6addr=2001:db8::f0/64',
    'network.wan6.ip6gw=2001:db8::1',
    'network.wan6.ip6prefix=2001:db8:1::/48'
  ]
} as const satisfies Partial<Record<WanKind, readonly string[]>>;

/** Back to the delegated prefix. */
const delegatedRoute = ['2001:db8:1::/48', 'via', '2001:db8::f0'];
