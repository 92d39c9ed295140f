/** What the router's firewall and routes have to be for the tailnet: decided here, read and changed elsewhere. */

import type { Finding, Interface, Plan, Section, Situation, Zone } from '../../shared/network-plan.ts';
import { holds, networkOf, overlaps, parsePrefix } from './prefixes.ts';
import type { Prefix } from './prefixes.ts';

type Options = Section['options'];
/** An address of the router's own, and the interface that has it. */
type Own = { prefix: Prefix; text: string; interface: string };

type Add = (
  config: Section['config'],
  words: string[],
  kind: string,
  reason: string,
  options: Options
) => void;

const DEVICE = 'tailscale0';
/** The zone, unless somebody has one for the tunnel. */
const TUNNEL = 'tailscale';
const PREFIX = 'tailscale_ram_';
const CGNAT: Prefix = { bytes: [100, 64, 0, 0], bits: 10 };
/** What nobody has on the Internet, and so a network between two routers of one's own may have. */
const PRIVATE: Prefix[] = [
  { bytes: [10, 0, 0, 0], bits: 8 },
  { bytes: [172, 16, 0, 0], bits: 12 },
  { bytes: [192, 168, 0, 0], bits: 16 },
  { bytes: [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], bits: 8 }
];
/** Right before Tailscale's table (5270, or 1370 with mwan3) and behind what its marks decide. */
const PRIORITY = '5260';
const PRIORITY_MWAN3 = '1360';

/** What UCI takes for a section's name. */
function sectionName(words: string[]): string {
  return PREFIX + replace(join('_', words), /[^A-Za-z0-9_]/g, '_');
}

/** Whether they have anything in common. */
function meet(a: string[], b: (string | null)[]): boolean {
  return length(filter(b, (word) => word != null && index(a, word) >= 0)) > 0;
}

/** The zone that the tunnel is in already, by the device or by a network on it, or by its name alone. */
function findTunnelZone(zones: Zone[], interfaces: Interface[]): Zone | null {
  let networks = map(
    filter(interfaces, (one) => one.device == DEVICE),
    (one) => one.name
  );
  let has = filter(zones, (zone) => index(zone.devices, DEVICE) >= 0 || meet(zone.networks, networks));
  return has[0] ?? filter(zones, (zone) => zone.name == TUNNEL)[0] ?? null;
}

/** Whether the Internet is behind it: what comes from elsewhere goes there with the router's address. */
function isUpstream(zone: Zone): boolean {
  return zone.masq || zone.name == 'wan';
}

/** The zone that people mean by their LAN. */
function findLan(zones: Zone[]): string[] {
  let lan = filter(zones, (zone) => zone.name == 'lan')[0];
  let found = lan ?? filter(zones, (zone) => index(zone.networks, 'lan') >= 0)[0] ?? zones[0];
  return found ? [found.name] : [];
}

/** The router's addresses in a zone. */
function addressesIn(zone: Zone, interfaces: Interface[]): Own[] {
  let found: Own[] = [];
  for (let i = 0; i < length(interfaces); i++) {
    let one = interfaces[i] as Interface;
    if (!meet(zone.networks, [one.name]) && !meet(zone.devices, [one.device])) continue;
    map(one.addresses, (text) => {
      let prefix = parsePrefix(text);
      if (prefix) push(found, { prefix, text, interface: one.name });
    });
  }
  return found;
}

/** Networks in front of this router that are somebody's own. */
function privateNetworks(addresses: Own[]): string[] {
  let own = filter(addresses, (one) => length(filter(PRIVATE, (range) => holds(range, one.prefix))) > 0);
  return uniq(sort(map(own, (one) => networkOf(one.prefix))));
}

/** For the firewall: the zone of the tunnel, and its ways to and from the zones of the LAN. */
function planTunnel(situation: Situation, zone: Zone | null, lans: Zone[], plan: Plan, add: Add): void {
  let policy = situation.policy;
  let tunnel = zone?.name ?? TUNNEL;
  let out = policy.lan_to_tailnet ?? findLan(lans);
  let into = policy.tailnet_to_lan ?? findLan(lans);
  let hides = situation.snat ? '1' : '0';
  if (zone) push(plan.findings, { code: 'other-zone', arguments: { zone: tunnel } });
  else
    add('firewall', ['zone'], 'zone', 'tunnel', {
      name: tunnel,
      device: [DEVICE],
      input: policy.tailnet_to_router ? 'ACCEPT' : 'REJECT',
      output: 'ACCEPT',
      forward: 'REJECT',
      mtu_fix: '1',
      masq: hides,
      masq6: hides
    });
  map(lans, (lan) => {
    let name = lan.name;
    let goes = index(out, name) >= 0;
    let comes = index(into, name) >= 0;
    if (goes) add('firewall', ['from', name], 'forwarding', 'lan-to-tailnet', { src: name, dest: tunnel });
    if (comes) add('firewall', ['to', name], 'forwarding', 'tailnet-to-lan', { src: tunnel, dest: name });
    push(
      plan.arrows,
      { from: name, to: 'tailnet', allowed: goes },
      { from: 'tailnet', to: name, allowed: comes }
    );
  });
  let names = map(lans, (lan) => lan.name);
  map(
    filter(uniq([...out, ...into]), (name) => index(names, name) < 0),
    (name) => push(plan.findings, { code: 'zone-missing', arguments: { zone: name } })
  );
  add('firewall', ['include'], 'include', 'anti-spoofing', {
    type: 'script',
    path: '/usr/libexec/tailscale-ram/firewall',
    fw4_compatible: '1'
  });
}

/** What the router itself knows better than by a default route goes before what Tailscale knows. */
function planRoutes(situation: Situation, add: Add): void {
  let rule = {
    priority: situation.mwan3 ? PRIORITY_MWAN3 : PRIORITY,
    lookup: 'main',
    suppress_prefixlength: '0'
  };
  add('network', ['own_routes'], 'rule', 'own-routes-first', rule);
  add('network', ['own_routes6'], 'rule6', 'own-routes-first', rule);
}

/** What comes in on the side of the Internet: the tunnel's own packets, and the network in front of this router. */
function planUpstream(situation: Situation, zone: Zone, lans: Zone[], plan: Plan, add: Add): void {
  let policy = situation.policy;
  add('firewall', ['port', zone.name], 'rule', 'direct-connections', {
    name: `Tailscale (${zone.name})`,
    src: zone.name,
    proto: ['udp'],
    dest_port: situation.port,
    target: 'ACCEPT',
    enabled: situation.logged_in ? '1' : '0'
  });
  let networks = policy.upstream ? privateNetworks(addressesIn(zone, situation.interfaces)) : [];
  let reached = filter(lans, (lan) => index(policy.tailnet_to_lan ?? findLan(lans), lan.name) >= 0);
  for (let i = 0; i < length(networks); i++) {
    let network = networks[i] as string;
    let rule = {
      name: `From ${network}`,
      src: zone.name,
      src_ip: network,
      family: index(network, ':') < 0 ? 'ipv4' : 'ipv6',
      proto: ['all'],
      target: 'ACCEPT'
    };
    add('firewall', ['upstream', zone.name, `${i}`], 'rule', 'upstream', rule);
    map(reached, (lan) => {
      let forwarded = { ...rule, name: `From ${network} to ${lan.name}`, dest: lan.name };
      add('firewall', ['upstream', zone.name, `${i}`, lan.name], 'rule', 'upstream', forwarded);
    });
  }
  let allowed = length(networks) > 0;
  push(plan.arrows, { from: zone.name, to: 'router', allowed });
  map(reached, (lan) => push(plan.arrows, { from: zone.name, to: lan.name, allowed }));
}

/** Where the router's own networks and the tailnet's are the same. */
function findConflicts(situation: Situation, zone: Zone, plan: Plan): void {
  map(addressesIn(zone, situation.interfaces), (own) => {
    let find = (code: Finding['code'], args: Finding['arguments']): void => {
      push(plan.findings, { code, arguments: { ...args, interface: own.interface } });
    };
    map(situation.routes, (route) => {
      let prefix = parsePrefix(route.prefix);
      // A default route is an exit node's.
      if (prefix && prefix.bits > 0 && overlaps(prefix, own.prefix))
        find('route-overlaps', { route: route.prefix, by: route.by, network: networkOf(own.prefix) });
    });
    if (!holds(CGNAT, own.prefix)) return;
    find(isUpstream(zone) ? 'cgnat' : 'lan-in-cgnat', { address: own.text });
    map(situation.peers, (peer) => {
      let address = parsePrefix(`${peer.address}/32`);
      if (address && holds(own.prefix, address)) find('peer-in-own-network', { ...peer });
    });
  });
}

/** Pure: of the same situation always the same plan. */
function makePlan(situation: Situation): Plan {
  let plan: Plan = { sections: [], arrows: [], findings: [] };
  let add: Add = (config, words, kind, reason, options) => {
    push(plan.sections, { config, name: sectionName(words), type: kind, options, reason });
  };
  let tunnel = findTunnelZone(situation.zones, situation.interfaces);
  let others = filter(situation.zones, (zone) => zone != tunnel);
  let lans = filter(others, (zone) => !isUpstream(zone));
  if (situation.tun) {
    planTunnel(situation, tunnel, lans, plan, add);
    planRoutes(situation, add);
  }
  let to_router = !situation.tun || situation.policy.tailnet_to_router;
  push(plan.arrows, { from: 'tailnet', to: 'router', allowed: to_router });
  map(filter(others, isUpstream), (zone) => {
    planUpstream(situation, zone, lans, plan, add);
  });
  map(others, (zone) => {
    findConflicts(situation, zone, plan);
  });
  return plan;
}

export { makePlan, PREFIX };
