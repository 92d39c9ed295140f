import { readFile } from 'node:fs/promises';
import type { Desk } from '../../../dev/router/desk.ts';
import type { OpenWrt } from '../../../dev/router/router.ts';
import type { Host } from '../../../dev/tailnet/namespaces.ts';
import { waitFor } from '../../../dev/tailnet/wait.ts';
import { callAgent, startJob } from '../agent-calls.ts';
import { far, type World } from './world.ts';

/** Options of the section `policy`; a zone `none` is none. */
export type Options = Partial<Record<string, string | readonly string[]>>;

/** Instead of the policy that the router has. */
export async function writePolicy(router: OpenWrt, options: Options): Promise<void> {
  const lines = Object.entries(options).flatMap(([name, value = '']) =>
    typeof value === 'string'
      ? [`set tailscale-ram.policy.${name}=${value}`]
      : value.map((zone) => `add_list tailscale-ram.policy.${name}=${zone}`)
  );
  const batch = ['delete tailscale-ram.policy', 'set tailscale-ram.policy=policy', ...lines, ''];
  await router.succeed('uci -q batch; uci commit tailscale-ram; reload_config', { input: batch.join('\n') });
}

export const defaultRoutes = ['0.0.0.0/0', '::/0'];

/** The peer is an exit node from now on. */
export async function makePeerExit({ peer, peerAddress, headscale }: Desk): Promise<void> {
  await peer.host.succeed(['sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
  await peer.cli.succeed('set', '--advertise-exit-node');
  await headscale.approveRoutesOf(peerAddress, defaultRoutes);
}

/** The number of an exit node, once the router knows of one. */
export async function exitNode(router: OpenWrt): Promise<string> {
  return (await router.until('there is an exit node', 20, async () => {
    const { exit_nodes } = await callAgent<{ exit_nodes: { id: string }[] }>(router, 'exit_nodes');
    return exit_nodes[0]?.id;
  })) as string;
}

/** `none`: from now on, it uses none. */
export async function useExit(router: OpenWrt, id: string): Promise<void> {
  const job = await startJob(router, 'exit_node', { id });
  await callAgent(router, 'confirm', { job });
}

/** Throws unless a computer on the LAN has the router, its names and LuCI. */
export async function assertLan(lan: Host): Promise<void> {
  // After a boot, an address of IPv6 is first looked for elsewhere.
  for (const address of ['192.168.1.1', 'fd42:1::1'])
    await waitFor(`the LAN reaches ${address}`, 10, async () => {
      return (await lan.run(['ping', '-c', '1', '-W', '2', address])).code === 0;
    });
  await lan.succeed(['busybox', 'wget', '-q', '-O', '/dev/null', 'http://192.168.1.1/'], { timeout: 10 });
  // A dnsmasq that starts anew takes a moment.
  await waitFor('the LAN resolves names', 10, async () => {
    const lookup = ['busybox', 'nslookup', 'ntp.example', '192.168.1.1'];
    return (await lan.run(lookup, { timeout: 5 })).stdout.includes('192.0.2.1');
  });
}

const namesLog = '/run/desk/far-names.log';

/** For `etc/uci-defaults`: the router asks a DNS server where an exit node can be in between. */
export const firstBoot = `uci -q batch <<'EOT'
set network.wan.peerdns=0
add_list network.wan.dns=${far[0] ?? ''}
commit network
EOT
`;

/** Starts that server; with the end of the tests, it ends. What it says leads to the download server is as far away. */
export async function serveNames({ desk, stranger }: World): Promise<void> {
  const known = { 'ntp.example': desk.internet.address, 'pkgs.tailscale.com': far[0] ?? '' };
  await stranger.succeed(['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  await stranger.succeed(['nft', '-f', '-'], {
    input: `table ip downloads {
      chain in { type nat hook prerouting priority -100; tcp dport 443 dnat to ${desk.internet.address}; }
      chain out { type nat hook postrouting priority 100; ip daddr ${desk.internet.address} masquerade; }
    }\n`
  });
  stranger.spawn(
    [
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', `--listen-address=${far.join()}`],
      ...['--bind-interfaces', '--user=root', '--pid-file=', '--no-resolv', '--no-hosts', '--local=/#/'],
      ...Object.entries(known).map(([name, address]) => `--address=/${name}/${address}`),
      ...['--log-queries', `--log-facility=${namesLog}`]
    ],
    { log: namesLog }
  );
}

/** From where it was asked for this name. */
export async function askersOf(name: string): Promise<string[]> {
  const log = await readFile(namesLog, 'utf8');
  const asked = [...log.matchAll(/ query\[\w+\] (\S+) from (\S+)/g)].filter(([, what]) => what === name);
  return [...new Set(asked.map(([, , from = '']) => from))];
}
