import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeed } from '../tailnet/command.ts';
import type { Host, Internet } from '../tailnet/namespaces.ts';
import { waitFor } from '../tailnet/wait.ts';
import { Cable } from './cable.ts';
import { TimeServer } from './time-server.ts';

/** What a router stands between: a provider, on the Internet's bridge, with DHCP, DNS and NTP; and a LAN. */
export class Surroundings {
  readonly wan = new Cable('wan', 'eth1', 'internet');
  readonly lan = new Cable('lan', 'eth0', 'home');
  /** More ports of the routers'. */
  readonly others: Cable[] = [];
  readonly time: TimeServer;
  readonly #internet: Internet;
  readonly #directory: string;

  /** The provider's DNS knows `names` (name → IPv4 address) and `ntp.example`, and no others. */
  static async open(
    internet: Internet,
    names: Readonly<Record<string, string>>,
    directory: string
  ): Promise<Surroundings> {
    await succeed(['ip', '-batch', '-'], { input: 'link add home type bridge\nlink set home up\n' });
    const { address } = internet;
    const network = address.slice(0, address.lastIndexOf('.'));
    const known = { ...names, 'ntp.example': address };
    // It goes into the background, and ends with the namespaces.
    await succeed([
      ...['dnsmasq', '--conf-file=/dev/null', '--interface=internet', '--bind-interfaces', '--user=root'],
      ...['--no-resolv', '--no-hosts', '--local=/#/', `--pid-file=${join(directory, 'dnsmasq.pid')}`],
      ...Object.entries(known).map(([name, at]) => `--address=/${name}/${at}`),
      ...['--dhcp-authoritative', '--no-ping', `--dhcp-leasefile=${join(directory, 'leases')}`],
      ...[`--dhcp-range=${network}.100,${network}.199,1h`, `--dhcp-option=option:router,${address}`],
      `--log-facility=${join(directory, 'dnsmasq.log')}`,
      '--log-queries'
    ]);
    return new Surroundings(internet, directory, await TimeServer.start(address));
  }

  private constructor(internet: Internet, directory: string, time: TimeServer) {
    this.#internet = internet;
    this.#directory = directory;
    this.time = time;
  }

  /** For `OpenWrtOptions.plug`. */
  plug = async (pid: number): Promise<void> => {
    await this.lan.plug(pid);
    await this.wan.plug(pid);
    for (const cable of this.others) await cable.plug(pid);
  };

  /** Whether the provider's DNS answers, which it does at first. */
  async setDns(answers: boolean): Promise<void> {
    const silence = 'add chain inet provider input { type filter hook input priority 0; }\n';
    const drop = 'add rule inet provider input udp dport 53 drop\n';
    await succeed(['nft', '-f', '-'], {
      input: `table inet provider\nflush table inet provider\n${answers ? '' : silence + drop}`
    });
  }

  /** The names that the provider's DNS was asked for so far, in this order. */
  async askedNames(): Promise<string[]> {
    const log = await readFile(join(this.#directory, 'dnsmasq.log'), 'utf8');
    return [...log.matchAll(/ query\[\w+\] (\S+) from /g)].map(([, name = '']) => name);
  }

  /** A computer on a bridge other than the Internet's; it has no address. */
  async addHostOn(bridge: string, name: string): Promise<Host> {
    const host = await this.#internet.addHost(name);
    const port = await readLinks(host, 'eth0');
    const plug = (await readLinks({ succeed })).find(({ ifindex }) => ifindex === port[0]?.link_index);
    await succeed(['ip', 'link', 'set', plug?.ifname ?? '', 'master', bridge]);
    await host.succeed(['ip', 'addr', 'flush', 'dev', 'eth0']);
    return host;
  }

  /** A computer on the LAN, which gets its address from the router. */
  addLanClient(name: string): Promise<Host> {
    return this.addClient(name, 'home');
  }

  /** A computer on a bridge, which gets its address there. */
  async addClient(name: string, bridge: string): Promise<Host> {
    const host = await this.addHostOn(bridge, name);
    await this.lease(host);
    return host;
  }

  /** Has a client forget its addresses, and ask for others, as if plugged in anew. Returns the one of IPv4. */
  async lease(host: Host): Promise<string> {
    await host.succeed(['ip', '-batch', '-'], {
      input: 'addr flush dev eth0\nlink set eth0 down\nlink set eth0 up\n'
    });
    const script = join(this.#directory, 'udhcpc.sh');
    await writeFile(script, leaseScript, { mode: 0o755 });
    await waitFor(`${host.name} has an address`, 20, async () => {
      const lease = await host.run(['busybox', 'udhcpc', '-i', 'eth0', '-n', '-q', '-t', '3', '-s', script]);
      return lease.code === 0;
    });
    const [, address = ''] =
      /inet ([\d.]+)\//.exec(await host.succeed(['ip', '-4', 'addr', 'show', 'eth0'])) ?? [];
    return address;
  }

  async close(): Promise<void> {
    this.time.close();
    const pid = (await readFile(join(this.#directory, 'dnsmasq.pid'), 'utf8')).trim();
    await run(['kill', pid]);
  }
}

interface Link {
  ifindex: number;
  ifname: string;
  /** The index of its other end. */
  link_index?: number;
}

async function readLinks(where: { succeed: typeof succeed }, ...names: string[]): Promise<Link[]> {
  return JSON.parse(await where.succeed(['ip', '-json', 'link', 'show', ...names])) as Link[];
}

const leaseScript = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
ip route replace default via "$router"
`;
