/** What the plan is made from: the router's configuration, its interfaces, and what is known of tailscaled. */

import { access, readfile } from 'fs';
import { cursor } from 'uci';
import type { Section } from 'uci';
import type { Interface, Known, Policy, Situation, Zone } from '../../shared/network-plan.ts';
import { daemon } from '../daemon.ts';
import { usesExitNode } from '../preferences.ts';
import { callOther } from '../server.ts';
import { option } from '../settings.ts';
import { cut, cutAll } from '../text.ts';
import { PREFIX } from './plan.ts';

/** Sections of the firewall that luci-app-tailscale made, its zone first. */
const LEFT = ['tszone', 'tsfwlan', 'tsfwwan', 'lanfwts', 'wanfwts'];

/** The words of an option: a list's, or those of a text. */
function words(value: unknown): string[] {
  let texts = type(value) == 'array' ? (value as string[]) : [(value ?? '') as string];
  return filter(split(join(' ', texts), /[ \t]+/), (word) => word != '');
}

/** All zones of the firewall that are not ours, and are not switched off. */
function readZones(): Zone[] {
  let zones: Zone[] = [];
  cursor()?.foreach('firewall', 'zone', (zone) => {
    if (index(zone['.name'], PREFIX) == 0 || zone.enabled == '0' || type(zone.name) != 'string') return;
    push(zones, {
      name: zone.name as string,
      // Without either, a zone has the network of its name.
      networks: words(zone.network ?? (zone.device || zone.subnet ? '' : zone.name)),
      devices: words(zone.device),
      left: index(LEFT, zone['.name']) >= 0,
      masq: zone.masq == '1' || zone.masq6 == '1'
    });
  });
  return zones;
}

/** Each instance's. */
function dnsmasqSections(): Section[] {
  return filter(values(cursor()?.get_all('dhcp') ?? {}), (section) => section['.type'] == 'dnsmasq');
}

/** Whether it listens where all ask. */
function isResolver(section: Section): boolean {
  return (section.port ?? '53') == '53' && section.disabled != '1';
}

/** `none` is nobody, and an option that is missing nobody's decision. */
function readPolicy(): Policy {
  let section = cursor()?.get_all('tailscale-ram', 'policy');
  let names = (value: unknown): string[] | null =>
    value == null ? null : filter(words(value), (name) => name != 'none');
  return {
    lan_to_tailnet: names(section?.lan_to_tailnet),
    tailnet_to_lan: names(section?.tailnet_to_lan),
    tailnet_to_router: section?.tailnet_to_router != '0',
    upstream: section?.upstream == '1',
    exit_zones: names(section?.exit_zones),
    exit_router: section?.exit_router != '0',
    exit_dns: section?.exit_dns != '0',
    kill_switch: section?.kill_switch == '1'
  };
}

/** An address as netifd tells it, with the length of its network. */
interface Address {
  address?: string;
  mask?: number;
  'local-address'?: { address: string; mask: number };
}

function readInterfaces(done: (interfaces: Interface[] | null) => void): void {
  callOther('network.interface', 'dump', {}, (reply) => {
    let found = reply?.interface as Record<string, unknown>[] | null;
    let text = (one: Address): string => {
      let own = one['local-address'] ?? one;
      return `${own.address as string}/${own.mask as number}`;
    };
    let read = (one: Record<string, unknown>): Interface => ({
      name: one.interface as string,
      device: (one.l3_device ?? one.device ?? null) as string | null,
      addresses: map(
        [
          ...((one['ipv4-address'] as Address[] | null) ?? []),
          ...((one['ipv6-address'] as Address[] | null) ?? []),
          ...((one['ipv6-prefix-assignment'] as Address[] | null) ?? [])
        ],
        text
      ),
      servers: [
        ...((one['dns-server'] as string[] | null) ?? []),
        ...map((one.route as { nexthop?: string }[] | null) ?? [], (route) => route.nexthop as string)
      ]
    });
    done(found ? map(found, read) : null);
  });
}

/** Null: netifd does not answer. While tailscaled does not either, `before` is what was true of it last. */
function readSituation(before: Known, done: (situation: Situation | null) => void): void {
  readInterfaces((interfaces) => {
    let known = daemon.reachable && daemon.status ? daemon.prefs : null;
    let offered = cutAll(known?.AdvertiseRoutes, 256, 49);
    let now: Known = known
      ? {
          logged_in: !!daemon.status?.HaveNodeKey,
          snat: !known.NoSNAT || usesExitNode(known),
          exit_offered: index(offered, '0.0.0.0/0') >= 0
        }
      : before;
    done(
      interfaces && {
        policy: readPolicy(),
        zones: readZones(),
        interfaces,
        port: option('port') || '41641',
        tun: option('tun') != 'userspace' && !!access('/dev/net/tun', 'f'),
        ...now,
        known: now,
        mwan3: !!access('/etc/config/mwan3', 'f'),
        resolver: !!filter(dnsmasqSections(), isResolver)[0],
        domain: cut(daemon.status?.CurrentTailnet?.MagicDNSSuffix, 254),
        forwarding: trim(readfile('/proc/sys/net/ipv4/ip_forward') ?? '') == '1',
        offered,
        routes: [],
        peers: []
      }
    );
  });
}

export { dnsmasqSections, LEFT, readInterfaces, readSituation };
