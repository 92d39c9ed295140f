/** What the agent found in the router's networks, and what it keeps in their configuration, in words. */

import type { Finding } from '../../shared/network-plan.ts';
import { el, explain, say, type Child } from '../common.ts';

type Words = readonly [title: Child, text: Child];

/** What it is; why, and what to do. */
export function findingWords({ code, arguments: args }: Finding): Words {
  const { address, by, domain, interface: name, name: device, network, route, zone } = args;
  const inRange = say(_('%s on %s is in the range that Tailscale uses, too'), address, name);
  const bothWork = _('Both work.');
  const words: Record<Exclude<Finding['code'], 'kill-switch' | 'zone-missing'>, Words> = {
    cgnat: [inRange, bothWork],
    'server-in-cgnat': [inRange, bothWork],
    'offered-in-cgnat': [
      say(_('%s, offered here, is in the range that Tailscale uses, too'), route),
      bothWork
    ],
    'lan-in-cgnat': [
      inRange,
      _('Both work here, but not in devices there that run Tailscale. Better: 192.168.1.0/24.')
    ],
    'peer-in-own-network': [
      say(_('%s has the address %s, which is in the router’s own network %s'), device, address, name),
      _('A neighbour with it is reached instead. Give it another one in the admin console.')
    ],
    'route-overlaps': [
      say(_('%s offers %s, but %s is the router’s own network %s'), by, route, network, name),
      _('No harm: the own one goes first. For both, it offers its own as 4via6.')
    ],
    'other-zone': [
      say(_('The firewall has the zone %s for the tunnel'), zone),
      _('What it lets in is decided in Network → Firewall.')
    ],
    'left-zone': [
      say(_('Another Tailscale package left the zone %s'), zone),
      _('What it lets in is not decided here until it is taken over.')
    ],
    'other-resolver': [
      _('Another program than dnsmasq answers for names'),
      [
        _('For the tailnet’s names it needs what dnsmasq calls:'),
        ...[`server=/${domain ?? ''}/100.100.100.100`, 'rev-server=100.64.0.0/10,100.100.100.100'].map(
          (line) => el('div', el('code', line))
        )
      ]
    ],
    'forwarding-off': [_('This router passes nothing on'), _('net.ipv4.ip_forward has to be 1.')]
  };
  if (Object.hasOwn(words, code)) return words[code as keyof typeof words];
  // Those that are problems, too.
  return explain({ code, arguments: args });
}

export function reasonWords(reason: string): string {
  const reasons: Record<string, string> = {
    tunnel: _('The tailnet’s zone'),
    'lan-to-tailnet': _('LAN → tailnet'),
    'tailnet-to-lan': _('tailnet → LAN'),
    'anti-spoofing': _('Nobody else takes an address of the tailnet'),
    masquerading: _('Hide senders'),
    'no-pings': _('No pings from the Internet to the tailnet'),
    'own-routes-first': _('The router’s own networks go before the routes of others'),
    'direct-connections': _('Direct connections, while logged in'),
    upstream: _('Network in front → router and LAN'),
    'exit-node': _('Others use this router as exit node'),
    'past-exit-node': _('What does not go through the exit node'),
    'kill-switch': _('Kill switch')
  };
  return Object.hasOwn(reasons, reason) ? (reasons[reason] as string) : reason;
}
