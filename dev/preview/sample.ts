import { preferences, type PreferenceState } from '../../src/shared/preferences.ts';
import type { Finding, NetworkReport, Way } from '../../src/shared/network-plan.ts';
import type { Problem } from '../../src/shared/problems.ts';
import type { Peer, Status } from '../../src/shared/status.ts';
import type { Answers } from './canned.ts';
import { day, devices, now } from './sample-devices.ts';

/** A router and its tailnet as the agent would tell of them, with nothing unusual. */

/** Connected; `parts` stand in the place of its own. */
export function status(parts: Partial<Status> = {}): Status {
  return {
    bootstrap: bootstrap(),
    daemon: true,
    state: 'Running',
    version: '1.102.5',
    newest: null,
    login_server: 'https://controlplane.tailscale.com',
    login_url: null,
    self: {
      id: 'nAttic1CNTRL',
      name: 'attic-router.tail1234.ts.net',
      host_name: 'attic-router',
      addresses: ['100.101.102.103', 'fd7a:115c:a1e0::6501:6667'],
      owner: 'anna@example.com',
      tags: [],
      key_expiry: now + 171.5 * day,
      online: true,
      relay: 'fra'
    },
    tailnet: { name: 'example.com', suffix: 'tail1234.ts.net', magic_dns: true },
    exit_node: null,
    routes: { offered: ['192.168.1.0/24'], approved: ['192.168.1.0/24'] },
    traffic: { received: 3_124_000_000, sent: 211_000_000 },
    memory: { daemon: 22_400_000, agent: 2_100_000, files: 29_400_000, total: 128_000_000, free: 37_500_000 },
    unconfirmed: null,
    problems: [],
    ...parts
  };
}

/** What the bootstrap says when it has done its work; `parts` stand in the place of its own. */
export function bootstrap(
  parts: Partial<NonNullable<Status['bootstrap']>> = {}
): NonNullable<Status['bootstrap']> {
  return {
    phase: 'running',
    since: 41,
    attempt: 1,
    version: '1.102.5',
    arch: 'mipsle',
    build: 'official',
    bytes: 0,
    total: null,
    retry_in: null,
    error: null,
    ...parts
  };
}

/** Before tailscaled runs. */
export function withoutDaemon(parts: Partial<Status>): Status {
  const unknown = { state: null, version: null, self: null, tailnet: null, traffic: null };
  return status({
    ...unknown,
    daemon: false,
    login_server: null,
    routes: { offered: [], approved: [] },
    memory: { daemon: null, agent: 2_100_000, files: 0, total: 128_000_000, free: 90_000_000 },
    ...parts
  });
}

export function problem(
  code: string,
  severity: Problem['severity'],
  args: Problem['arguments'] = {},
  method?: string
): Problem {
  return {
    code,
    severity,
    arguments: args,
    remedy: method === undefined ? null : { method, arguments: {} }
  };
}

/** What the agent answers in this state, with these devices. */
export function answersOf(state: Status | (() => Status), peers: readonly Peer[] = devices(12)): Answers {
  return {
    status: state,
    peers: ({ offset = 0, limit = 100, search = '' }: Query) => {
      const found = peers.filter(({ name }) => name.includes(search));
      return { total: peers.length, found: found.length, offset, peers: found.slice(offset, offset + limit) };
    },
    peer: ({ id }: { id?: string }) => peers.find((peer) => peer.id === id) ?? notFound,
    exit_nodes: {
      used: null,
      auto: false,
      exit_nodes: peers
        .filter(({ exit_node_option }) => exit_node_option)
        .map(({ id, name, online, country, city }) => ({ id, name, online, country, city }))
    },
    settings: { preferences: settings(), router: { enabled: '1', track: 'stable' } },
    profiles: { current: 'a1b2', profiles: [profile] },
    derp: { home: 'fra', regions },
    metrics,
    log: { lines: log },
    network: networkReport([]),
    route: ({ address = '' }: { address?: string }) => wayTo(address),
    ping: { job: 1 },
    netcheck: { job: 2 },
    dns_query: {
      code: 'NOERROR',
      answers: [{ name: 'nas.tail1234.ts.net', type: 'A', ttl: 600, data: '100.64.0.1' }],
      resolvers: []
    },
    report: { report: { status: 'connected', log } },
    job: ({ id }: { id?: number }) => ({
      job: id,
      method: id === 1 ? 'ping' : 'netcheck',
      state: 'done',
      progress: {},
      result:
        id === 1 ? { replies: [{ milliseconds: 8.4, path: 'direct', via: '203.0.113.9:41641' }] } : netcheck,
      error: null
    })
  };
}

/** A LAN and guests, as they are by themselves, with these findings. */
export function networkReport(findings: readonly Finding[]): NetworkReport {
  return {
    arrows: [
      { from: 'lan', to: 'tailnet', allowed: true },
      { from: 'tailnet', to: 'lan', allowed: true },
      { from: 'guest', to: 'tailnet', allowed: false },
      { from: 'tailnet', to: 'guest', allowed: false },
      { from: 'tailnet', to: 'router', allowed: true },
      { from: 'wan', to: 'router', allowed: false },
      { from: 'wan', to: 'lan', allowed: false }
    ],
    findings: [...findings],
    names: 'server=/tail1234.ts.net/100.100.100.100\nserver=/corp.example/10.0.0.53\n',
    sections: [
      { config: 'firewall', name: 'tailscale_ram_zone', reason: 'tunnel' },
      { config: 'firewall', name: 'tailscale_ram_from_lan', reason: 'lan-to-tailnet' },
      { config: 'firewall', name: 'tailscale_ram_to_lan', reason: 'tailnet-to-lan' },
      { config: 'firewall', name: 'tailscale_ram_include', reason: 'anti-spoofing' },
      { config: 'firewall', name: 'tailscale_ram_nat', reason: 'masquerading' },
      { config: 'firewall', name: 'tailscale_ram_port_wan', reason: 'direct-connections' },
      { config: 'network', name: 'tailscale_ram_own_routes', reason: 'own-routes-first' },
      { config: 'network', name: 'tailscale_ram_own_routes6', reason: 'own-routes-first' }
    ]
  };
}

/** One of everything that can be found, though never on one router. */
export const findings: readonly Finding[] = [
  { code: 'cgnat', arguments: { address: '100.72.14.9/20', interface: 'wan' } },
  { code: 'server-in-cgnat', arguments: { address: '100.100.2.136', interface: 'wan6' } },
  { code: 'offered-in-cgnat', arguments: { route: '100.66.0.0/24' } },
  { code: 'lan-in-cgnat', arguments: { address: '100.100.1.1/24', interface: 'iot' } },
  {
    code: 'peer-in-own-network',
    arguments: { address: '100.72.1.2', name: 'nas.tail1234.ts.net', interface: 'wan' }
  },
  {
    code: 'route-overlaps',
    arguments: {
      route: '192.168.0.0/16',
      by: 'office.tail1234.ts.net',
      network: '192.168.1.0/24',
      interface: 'lan'
    }
  },
  { code: 'other-zone', arguments: { zone: 'vpn' } },
  { code: 'left-zone', arguments: { zone: 'tailscale' } },
  { code: 'zone-missing', arguments: { zone: 'camping' } },
  { code: 'other-resolver', arguments: { domain: 'tail1234.ts.net' } },
  { code: 'forwarding-off', arguments: {} }
];

/** As the agent says it of an address that it understands. */
function wayTo(address: string): Way | object {
  if (/^(100\.|fd7a:)/.test(address)) return { device: 'tailscale0', interface: null, via: null };
  if (address === '192.168.1.1') return { device: 'lo', interface: 'loopback', via: null };
  if (address.startsWith('192.168.1.')) return { device: 'br-lan', interface: 'lan', via: null };
  if (address.includes(':')) return { device: null, interface: null, via: null };
  if (/^\d+(\.\d+){3}$/.test(address)) return { device: 'eth1', interface: 'wan', via: '192.0.2.1' };
  return { error: { code: 'not-an-address', detail: 'neither IPv4 nor IPv6' } };
}

interface Query {
  offset?: number;
  limit?: number;
  search?: string;
}

const notFound = { error: { code: 'not-found', detail: 'no such device' } };

/** Tailscale's preferences in an official build, or in another one. */
export function settings(build = 'official'): Record<string, PreferenceState> {
  const empty = { text: '', list: [] as string[], port: null };
  const set: Record<string, PreferenceState['value']> = {
    advertise_routes: ['192.168.1.0/24'],
    exit_node_allow_lan_access: true,
    hostname: 'attic-router',
    login_server: 'https://controlplane.tailscale.com',
    netfilter_mode: 'off'
  };
  return Object.fromEntries(
    Object.entries(preferences).map(([name, preference]) => {
      const standard = 'default' in preference || ('kind' in preference ? empty[preference.kind] : false);
      const fixed = 'fixed' in preference || 'method' in preference;
      const value = set[name] ?? standard;
      const supported = !('lacks' in preference && ` ${build}.`.includes(preference.lacks));
      return [name, { value, default: standard, supported, risk: 'risk' in preference, fixed }];
    })
  );
}

const profile = {
  id: 'a1b2',
  name: 'anna@example.com',
  login_server: 'https://controlplane.tailscale.com',
  tailnet: 'example.com',
  owner: 'anna@example.com'
};

const places = {
  fra: 'Frankfurt',
  ams: 'Amsterdam',
  par: 'Paris',
  lhr: 'London',
  waw: 'Warsaw',
  nyc: 'New York City',
  sfo: 'San Francisco',
  tok: 'Tokyo'
};

const regions = Object.entries(places).map(([code, name], i) => ({ id: i + 1, code, name, nodes: 3 }));

/** As of tailscale's netcheck.Report: the latencies are in nanoseconds. */
const netcheck = {
  source: 'tailscale',
  fetched: false,
  report: {
    UDP: true,
    IPv4: true,
    IPv6: false,
    MappingVariesByDestIP: false,
    UPnP: true,
    PMP: false,
    PCP: false,
    GlobalV4: '198.51.100.20:41641',
    PreferredDERP: 1,
    RegionLatency: { 1: 9_100_000, 2: 14_600_000, 3: 18_200_000, 4: 24_000_000, 5: 27_300_000, 6: 92_000_000 }
  }
};

const metrics = {
  metrics: [
    { name: 'tailscaled_inbound_bytes_total', labels: { path: 'direct_ipv4' }, value: 3_020_000_000 },
    { name: 'tailscaled_inbound_bytes_total', labels: { path: 'derp' }, value: 104_000_000 },
    { name: 'tailscaled_outbound_bytes_total', labels: { path: 'direct_ipv4' }, value: 200_000_000 },
    { name: 'tailscaled_health_messages', labels: { type: 'warning' }, value: 0 }
  ],
  rates: [{ name: 'tailscaled_inbound_bytes_total', labels: { path: 'direct_ipv4' }, value: 1_200_000 }]
};

const log = [
  'Mon Nov 16 09:00:41 2026 daemon.info tailscale-ram: tailscaled 1.102.5 runs',
  'Mon Nov 16 09:00:44 2026 daemon.info tailscaled[1955]: Switching ipn state Starting -> Running',
  'Mon Nov 16 09:00:45 2026 daemon.info agent[1956]: connected attic-router.tail1234.ts.net 100.101.102.103'
];
