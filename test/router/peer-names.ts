import type { Desk } from '../../dev/router/desk.ts';

/** From now on, the other node of the tailnet answers for these names and all below them (name → IPv4 address). */
export function serveNamesOnPeer({ peer, peerAddress }: Desk, names: Readonly<Record<string, string>>): void {
  peer.host.spawn(
    [
      ...['dnsmasq', '-k', '--conf-file=/dev/null', `--listen-address=${peerAddress}`, '--bind-interfaces'],
      ...['--no-resolv', '--no-hosts', '--user=root', '--pid-file='],
      ...Object.entries(names).map(([name, address]) => `--address=/${name}/${address}`)
    ],
    { log: '/run/desk/peer-names.log' }
  );
}
