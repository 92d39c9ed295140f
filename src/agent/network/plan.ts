/** What the router's firewall and routes have to be for the tailnet: decided here, read and changed elsewhere. */

import type { Finding, Plan, Section, Situation, Zone } from '../../shared/network-plan.ts';
import { holds, networkOf, overlaps, parsePrefix } from './prefixes.ts';
import type { Prefix } from './prefixes.ts';

type Options = Section['options'];
/** An address of the router's own, and the interface that has it. */
type Own = { prefix: Prefix; text: string; interface: string };
/** A route of a peer's. */
type Offered = Situation['routes'][number] & { network: Prefix };

const DEVICE = 'tailscale0';
/** The zone, unless somebody has one for the tunnel. */
const TUNNEL = 'tailscale';
const PREFIX = 'tailscale_ram_';
const CGNAT = parsePrefix('100.64.0.0/10') as Prefix;
/** What nobody has on the Internet, and so a network between two routers of one's own may have. */
const PRIVATE = map(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fd00::/8'], (text) =>
  parsePrefix(text)
) as Prefix[];
/** Right before Tailscale's table (5270, or 1370 with mwan3) and behind what its marks decide. */
const PRIORITY = 5260;
const PRIORITY_MWAN3 = 1360;
/** As in `tunnel-routes`: the way to the Internet for whatever address. */
const EXIT6_TABLE = '252';
/** Of a rule: only what is more than a default route. */
const BETTER = { suppress_prefixlength: '0' };

/** What is planned from, and the plan so far: of one call of `makePlan`. */
let situation: Situation;
let plan: Plan;

/** What UCI takes for a section's name, of each zone another one. */
function sectionName(words: string[]): string {
  return PREFIX + replace(join('_', words), /[^A-Za-z0-9_]/g, (sign) => sprintf('_%02x', ord(sign)));
}

function add(
  config: Section['config'],
  words: string[],
  kind: string,
  reason: string,
  options: Options
): void {
  push(plan.sections, { config, name: sectionName(words), type: kind, options, reason });
}

function find(code: Finding['code'], args: Finding['arguments']): void {
  push(plan.findings, { code, arguments: args });
}

function draw(from: string, to: string, allowed: boolean): void {
  push(plan.arrows, { from, to, allowed });
}

/** Whether they have anything in common. */
function meet(a: string[], b: (string | null)[]): boolean {
  return !!filter(b, (word) => index(a, word) >= 0)[0];
}

/** The zone that the tunnel is in already, by the device or by a network on it, or by its name alone. */
function findTunnelZone(): Zone | null {
  let zones = situation.zones;
  let networks = map(situation.interfaces, (one) => (one.device == DEVICE ? one.name : null));
  let has = filter(zones, (zone) => meet(zone.devices, [DEVICE]) || meet(zone.networks, networks));
  return has[0] ?? filter(zones, (zone) => zone.name == TUNNEL)[0] ?? null;
}

/** Whether the Internet is behind it: what comes from elsewhere goes there with the router's address. */
function isUpstream(zone: Zone): boolean {
  return zone.masq || zone.name == 'wan';
}

/** The names of the zones that somebody wants, or of the one that people mean by their LAN. */
function wantedOf(wanted: string[] | null, lans: Zone[]): string[] {
  if (wanted) return wanted;
  let named = filter(lans, (zone) => zone.name == 'lan')[0];
  let found = named ?? filter(lans, (zone) => index(zone.networks, 'lan') >= 0)[0] ?? lans[0];
  return found ? [found.name] : [];
}

/** The router's addresses in a zone. */
function addressesIn(zone: Zone): Own[] {
  let found: Own[] = [];
  map(situation.interfaces, (one) => {
    if (!meet(zone.networks, [one.name]) && !meet(zone.devices, [one.device])) return;
    map(one.addresses, (text) => {
      let prefix = parsePrefix(text);
      if (prefix) push(found, { prefix, text, interface: one.name });
    });
  });
  return found;
}

/** For the firewall: what UCI cannot say. */
function addScript(name: string, reason: string, file: string): void {
  add('firewall', [name], 'include', reason, {
    type: 'script',
    path: `/usr/libexec/tailscale-ram/${file}`,
    fw4_compatible: '1'
  });
}

/** For the firewall: the zone of the tunnel, and its ways to and from the zones of the LAN. */
function planTunnel(zone: Zone | null, lans: string[], out: string[], into: string[], tunnel: string): void {
  let policy = situation.policy;
  let hides = situation.snat ? '1' : '0';
  if (zone) find(zone.left ? 'left-zone' : 'other-zone', { zone: tunnel });
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
  map(lans, (name) => {
    let goes = index(out, name) >= 0;
    let comes = index(into, name) >= 0;
    if (goes) add('firewall', ['from', name], 'forwarding', 'lan-to-tailnet', { src: name, dest: tunnel });
    if (comes) add('firewall', ['to', name], 'forwarding', 'tailnet-to-lan', { src: tunnel, dest: name });
    draw(name, 'tailnet', goes);
    draw('tailnet', name, comes);
  });
  map(uniq([...out, ...into]), (name) => {
    if (index(lans, name) < 0) find('zone-missing', { zone: name });
  });
  if (situation.snat) addScript('nat', 'masquerading', 'firewall-nat');
}

/** A rule of both families, so far behind the first one. */
function addRule(words: string[], reason: string, behind: number, options: Options): void {
  let priority = `${(situation.mwan3 ? PRIORITY_MWAN3 : PRIORITY) + behind}`;
  add('network', words, 'rule', reason, { priority, ...options });
  add('network', [`${words[0] as string}6`, ...slice(words, 1)], 'rule6', reason, { priority, ...options });
}

/** What is there with a tunnel, and without one where a kill switch is: before all else that it needs. */
function planBasis(): void {
  addScript('include', 'anti-spoofing', 'firewall');
  // What the router itself knows better than by a default route goes before what Tailscale knows.
  addRule(['own_routes'], 'own-routes-first', 0, { lookup: 'main', ...BETTER });
}

/** `direct`: the networks that an exit node is not for, though the tailnet may be. */
function planRoutes(direct: string[]): void {
  let policy = situation.policy;
  let past = policy.exit_router ? direct : [...direct, 'loopback'];
  let asks = policy.exit_dns != policy.exit_router;
  if (past[0] ?? asks) addRule(['tailnet'], 'past-exit-node', 1, { lookup: '52', ...BETTER });
  if (asks)
    addRule(['names'], 'past-exit-node', 2, {
      in: 'loopback',
      dport: '53',
      lookup: policy.exit_dns ? '52' : 'main'
    });
  map(past, (network) => {
    addRule(['direct', network], 'past-exit-node', 3, { in: network, lookup: 'main' });
  });
}

/** Others use this router's way to the Internet: that of a zone. */
function planExit(zone: string, tunnel: string): void {
  add('firewall', ['exit', zone], 'forwarding', 'exit-node', { src: tunnel, dest: zone });
  add('firewall', ['exit6', zone], 'nat', 'exit-node', {
    name: `Exit node (${zone})`,
    src: zone,
    family: 'ipv6',
    src_ip: 'fd7a:115c:a1e0::/48',
    proto: ['all'],
    target: 'MASQUERADE'
  });
}

/** `zones` have no way around the exit node, whatever else runs: by a route, and, while netifd starts anew, by the firewall. */
function planKillSwitch(zones: Zone[], lans: Zone[]): void {
  map(zones, (zone) => {
    map(zone.networks, (network) => {
      addRule(['kill', network], 'kill-switch', 20, { in: network, action: 'unreachable' });
    });
  });
  let names = (all: Zone[]): string => {
    let devices: (string | null)[] = [];
    map(all, (zone) => {
      push(devices, ...zone.devices);
      map(situation.interfaces, (one) => {
        if (meet(zone.networks, [one.name])) push(devices, one.device);
      });
    });
    return join(
      ', ',
      map(
        uniq(sort(filter(devices, (name) => match(name ?? '', /^[A-Za-z0-9_.@-]+$/)))),
        (name) => `"${name as string}"`
      )
    );
  };
  find('kill-switch', {
    zone: join(
      ', ',
      map(zones, (zone) => zone.name)
    )
  });
  let from = names(zones);
  if (zones[0])
    plan.barrier =
      from == '' ? null : `iifname { ${from} } oifname != { "${DEVICE}", ${names(lans)} } reject`;
}

/** What comes in on the side of the Internet: the tunnel's own packets, and the network in front of this router. */
function planUpstream(zone: Zone, reached: string[], tunnel: string): void {
  let src = zone.name;
  if (situation.tun) {
    // OpenWrt itself lets pings by IPv6 pass from the Internet to every zone: to the tunnel's they must not.
    add('firewall', ['no_pings', src], 'rule', 'no-pings', {
      name: `No pings from ${src} to ${tunnel}`,
      src,
      dest: tunnel,
      family: 'ipv6',
      proto: ['icmp'],
      target: 'REJECT'
    });
    (plan.sections[length(plan.sections) - 1] as Section).first = true;
  }
  add('firewall', ['port', src], 'rule', 'direct-connections', {
    name: `Tailscale (${src})`,
    src,
    proto: ['udp'],
    dest_port: situation.port,
    target: 'ACCEPT',
    enabled: situation.logged_in ? '1' : '0'
  });
  let own = filter(
    situation.policy.upstream ? addressesIn(zone) : [],
    (one) => filter(PRIVATE, (range) => holds(range, one.prefix))[0]
  );
  let networks = uniq(sort(map(own, (one) => networkOf(one.prefix))));
  map(networks, (network, i) => {
    let rule = {
      name: `From ${network}`,
      src,
      src_ip: network,
      family: index(network, ':') < 0 ? 'ipv4' : 'ipv6',
      proto: ['all'],
      target: 'ACCEPT'
    };
    add('firewall', ['upstream', src, `${i}`], 'rule', 'upstream', rule);
    map(reached, (lan) => {
      let forwarded = { ...rule, name: `From ${network} to ${lan}`, dest: lan };
      add('firewall', ['upstream', src, `${i}`, lan], 'rule', 'upstream', forwarded);
    });
  });
  map(['router', ...reached], (to) => {
    draw(src, to, length(networks) > 0);
  });
}

/** Whether an address with the length of its network is one of the tailnet's range. */
function isInCgnat(text: string): boolean {
  let prefix = parsePrefix(text);
  return !!prefix && holds(CGNAT, prefix);
}

/** What lies in the tailnet's range, and is reached all the same. */
function findCgnat(): void {
  map(situation.interfaces, (one) => {
    // Their network is told of then.
    if (filter(one.addresses, isInCgnat)[0]) return;
    map(one.servers ?? [], (address) => {
      if (isInCgnat(`${address}/32`)) find('server-in-cgnat', { address, interface: one.name });
    });
  });
  map(filter(situation.offered, isInCgnat), (route) => {
    find('offered-in-cgnat', { route });
  });
}

/** What peers offer, but for default routes, which are an exit node's. */
function readRoutes(): Offered[] {
  let found = map(situation.routes, (route) => ({ ...route, network: parsePrefix(route.prefix) }));
  return filter(found, (route) => (route.network?.bits ?? 0) > 0) as Offered[];
}

/** Where the router's own networks and the tailnet's are the same. */
function findConflicts(zone: Zone, routes: Offered[]): void {
  map(addressesIn(zone), (own) => {
    let args = { interface: own.interface };
    map(routes, (route) => {
      if (overlaps(route.network, own.prefix))
        find('route-overlaps', {
          route: route.prefix,
          by: route.by,
          network: networkOf(own.prefix),
          ...args
        });
    });
    if (!holds(CGNAT, own.prefix)) return;
    find(isUpstream(zone) ? 'cgnat' : 'lan-in-cgnat', { address: own.text, ...args });
    // There may be a thousand, and a few with the same first bytes.
    let start = join('.', slice(own.prefix.bytes, 0, min(3, own.prefix.bits >> 3))) + '.';
    map(situation.peers, (peer) => {
      let bytes = index(peer.address, start) == 0 ? iptoarr(peer.address) : null;
      if (bytes && holds(own.prefix, { bytes, bits: 32 })) find('peer-in-own-network', { ...peer, ...args });
    });
  });
}

/** Pure: of the same situation always the same plan. */
function makePlan(from: Situation): Plan {
  situation = from;
  plan = { sections: [], arrows: [], findings: [], barrier: '' };
  let zone = findTunnelZone();
  let tunnel = zone?.name ?? TUNNEL;
  let others = filter(situation.zones, (one) => one != zone);
  let lans = filter(others, (one) => !isUpstream(one));
  let policy = situation.policy;
  let names = map(lans, (lan) => lan.name);
  let into = wantedOf(policy.tailnet_to_lan, lans);
  let out = wantedOf(policy.lan_to_tailnet, lans);
  let exits = (lan: Zone): boolean => meet(out, [lan.name]) && meet(policy.exit_zones ?? out, [lan.name]);
  if (situation.tun || policy.kill_switch) planBasis();
  if (situation.tun) {
    if (!situation.forwarding) find('forwarding-off', {});
    planTunnel(zone, names, out, into, tunnel);
    let direct: string[] = [];
    map(lans, (lan) => {
      if (!exits(lan)) push(direct, ...lan.networks);
    });
    planRoutes(direct);
  }
  if (policy.kill_switch) planKillSwitch(filter(lans, exits), lans);
  draw('tailnet', 'router', !situation.tun || policy.tailnet_to_router);
  let reached = filter(names, (name) => index(into, name) >= 0);
  let exit = situation.tun && situation.exit_offered;
  map(filter(others, isUpstream), (one) => {
    planUpstream(one, reached, tunnel);
    if (exit) planExit(one.name, tunnel);
  });
  if (exit) {
    draw('tailnet', '*', true);
    add('network', ['exit6'], 'rule6', 'exit-node', {
      priority: `${PRIORITY + 20}`,
      src: 'fd7a:115c:a1e0::/48',
      lookup: EXIT6_TABLE
    });
  }
  let routes = readRoutes();
  map(others, (one) => {
    findConflicts(one, routes);
  });
  findCgnat();
  if (!situation.resolver && situation.domain != '') find('other-resolver', { domain: situation.domain });
  return plan;
}

export { makePlan, PREFIX };
