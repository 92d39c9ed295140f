import type { Answer } from '../../dev/preview/canned.ts';
import type { AgentError } from '../../src/shared/agent-errors.ts';
import { preferences, type PreferenceState } from '../../src/shared/preferences.ts';
import type { Peer, Status } from '../../src/shared/status.ts';

/** A tailnet as the agent would tell of it, with nothing unusual in it. */

/** Connected, with all that there can be; `parts` stand in the place of its own. */
export function status(parts: Partial<Status> = {}): Status {
  return {
    bootstrap: {
      phase: 'running',
      since: 100,
      attempt: 1,
      version: '1.102.5',
      arch: 'mipsle',
      bytes: 0,
      total: null,
      retry_in: null,
      error: null
    },
    daemon: true,
    state: 'Running',
    version: '1.102.5',
    newest: null,
    login_server: 'https://controlplane.tailscale.com',
    login_url: null,
    self: {
      id: 'nSelf',
      name: 'attic.tail1234.ts.net',
      host_name: 'attic',
      addresses: ['100.64.0.1', 'fd7a:115c:a1e0::1'],
      owner: 'anna@example.com',
      tags: ['tag:router'],
      key_expiry: now() + 170 * day,
      online: true,
      relay: 'fra'
    },
    tailnet: { name: 'example.com', suffix: 'tail1234.ts.net', magic_dns: true },
    exit_node: { id: 'nExit', name: 'vienna.tail1234.ts.net', online: true },
    routes: { offered: ['192.168.1.0/24', '10.9.0.0/24'], approved: ['192.168.1.0/24'] },
    traffic: { received: 1e6, sent: 2e5 },
    memory: { daemon: 22e6, agent: 2e6 },
    unconfirmed: null,
    problems: [],
    ...parts
  };
}

/** Every kind of device there is, over and over, in the order of their names. */
export function devices(count: number): Peer[] {
  return Array.from({ length: count }, (_, i) => device(i)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function device(i: number): Peer {
  const path = (['direct', 'relay', 'peer-relay', 'none'] as const)[i % 4] ?? 'none';
  const via = {
    direct: `203.0.113.${i % 250}:41641`,
    relay: 'fra',
    'peer-relay': '198.51.100.7:40000:vni:9'
  };
  const online = i % 3 !== 0;
  const name = `${names[i % names.length] ?? ''}-${i}`;
  return {
    id: `nDevice${i}CNTRL`,
    name: `${name}.tail1234.ts.net`,
    host_name: name,
    addresses: [`100.64.${i >> 8}.${i & 255}`, `fd7a:115c:a1e0::${i.toString(16)}`],
    os: ['linux', 'windows', 'iOS', 'android', 'macOS'][i % 5] ?? '',
    owner: i % 7 === 0 ? null : `${people[i % people.length] ?? ''}@example.com`,
    tags: i % 7 === 0 ? ['tag:server', 'tag:lab'] : [],
    online,
    active: path !== 'none',
    path,
    via: path === 'none' ? null : via[path],
    received: i * 12_345,
    sent: i * 6789,
    last_seen: online ? null : now() - i * 600,
    last_handshake: now() - i,
    key_expiry: i % 4 === 0 ? null : now() + i * 3600,
    expired: i % 50 === 49,
    exit_node: false,
    exit_node_option: i % 10 === 0,
    routes: i % 20 === 0 ? [`10.${i >> 8}.${i & 255}.0/24`] : [],
    country: i % 10 === 0 ? 'Austria' : null,
    city: i % 10 === 0 ? 'Vienna' : null
  };
}

const names = ['nas', 'laptop', 'phone', 'printer', 'build-agent', 'camera', 'attic-router'];
const people = ['anna', 'bert', 'carla'];
const day = 86_400;

function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** What the agent's methods answer, of these devices; what changes comes of the functions. */
export function answersOf(tell: () => Status, list: () => readonly Peer[]): Record<string, Answer> {
  return {
    status: tell,
    peers: (args: Query) => page(list(), args),
    peer: ({ id }: { id?: string }) =>
      list().find((peer) => peer.id === id) ?? refusal({ code: 'not-found', detail: '' }),
    exit_nodes: () => ({
      used: null,
      auto: false,
      exit_nodes: list().filter((peer) => peer.exit_node_option)
    }),
    settings: () => ({ preferences: settings(), router: {} }),
    profiles: () => ({ current: '0001', profiles: [profile('0001'), profile('0002')] }),
    derp: () => ({ home: 'fra', regions: ['fra', 'vie', 'tok'].map(region) }),
    metrics: () => ({ metrics: [sample('tailscaled_inbound_bytes_total', { path: 'derp' })], rates: [] }),
    log: () => ({ lines: ['daemon.info tailscaled: hello'] }),
    report: () => ({ report: { status: tell() } })
  };
}

/** None is set; or each text, and two in each list, if there is one here. */
export function settings(text = ''): Record<string, PreferenceState> {
  const standard = { switch: false, text: '', list: [], port: null };
  return Object.fromEntries(
    Object.entries(preferences).map(([name, { kind, ...more }]) => {
      const value = text !== '' && kind === 'list' ? [text, text] : kind === 'text' ? text : standard[kind];
      const fixed = 'fixed' in more || 'method' in more;
      return [name, { value, default: standard[kind], supported: true, risk: 'risk' in more, fixed }];
    })
  );
}

export function profile(id: string): object {
  return {
    id,
    name: `anna ${id}`,
    login_server: 'https://login.example.com',
    tailnet: 'example.com',
    owner: 'anna@example.com'
  };
}

export function region(code: string, i: number): object {
  return { id: i + 1, code, name: `Region ${code}`, nodes: 3 };
}

export function sample(name: string, labels: object): object {
  return { name, labels, value: 12_345 };
}

export function refusal(error: AgentError): object {
  return { error };
}

/** A method that takes longer: its answer, and that of `job`, which asks how it goes. */
export function job(result: object): { start: object; job: object } {
  return {
    start: { job: 7 },
    job: { job: 7, method: '', state: 'done', progress: {}, result, error: null }
  };
}

/** Whatever takes longer, with this result. */
export function works(result: object): object {
  const { start, job: end } = job(result);
  return { ping: start, netcheck: start, derp_test: start, job: end };
}

interface Query {
  offset?: number;
  limit?: number;
  search?: string;
}

/** As many as are asked for, and no more than the agent puts into one reply. */
export function page(
  list: readonly Peer[],
  { offset = 0, limit = 100, search = '' }: Query
): { total: number; found: number; offset: number; peers: Peer[] } {
  const found = list.filter((peer) => search === '' || JSON.stringify(peer).includes(search));
  const peers: Peer[] = [];
  let size = 0;
  for (const peer of found.slice(offset, offset + limit)) {
    if (size > 200_000) break;
    size += 600 + peer.name.length + peer.host_name.length + (peer.owner ?? '').length;
    size += 64 * (peer.tags.length + peer.routes.length);
    peers.push(peer);
  }
  return { total: list.length, found: found.length, offset, peers };
}
