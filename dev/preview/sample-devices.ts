import type { Peer } from '../../src/shared/status.ts';

/** So many devices of every kind, in the order of their names. */
export function devices(count: number): Peer[] {
  return Array.from({ length: count }, (_, i) => device(i)).sort((a, b) => a.name.localeCompare(b.name));
}

/** In seconds since 1970. */
export const now = Math.floor(Date.now() / 1000);
/** In seconds. */
export const day = 86_400;

function device(i: number): Peer {
  const [kind = '', os = ''] = kinds[i % kinds.length] ?? [];
  const name = i < kinds.length ? kind : `${kind}-${Math.floor(i / kinds.length) + 1}`;
  const online = i % 4 !== 3;
  const path = online ? ((['direct', 'relay', 'none'] as const)[i % 3] ?? 'none') : 'none';
  const isExit = kind === 'vienna' || kind === 'lisbon';
  return {
    id: `nDevice${i}CNTRL`,
    name: `${name}.tail1234.ts.net`,
    host_name: name,
    addresses: [`100.64.${i >> 8}.${(i & 255) + 1}`, `fd7a:115c:a1e0::${(i + 1).toString(16)}`],
    os,
    owner: isExit ? null : i % 5 === 4 ? 'bert@example.com' : 'anna@example.com',
    tags: isExit ? ['tag:exit'] : [],
    online,
    active: path !== 'none',
    path,
    via: path === 'direct' ? `203.0.113.${(i % 250) + 1}:41641` : path === 'relay' ? 'fra' : null,
    received: online ? Math.round(3_124_000_000 / 2 ** (i % 24)) : 0,
    sent: online ? Math.round(211_000_000 / 2 ** (i % 20)) : 0,
    last_seen: online ? null : now - (i + 1) * 20_000,
    last_handshake: online ? now - 20 : null,
    key_expiry: isExit ? null : now + (i % 6 === 1 ? 3.5 : 120.5) * day,
    expired: false,
    exit_node: false,
    exit_node_option: isExit,
    routes: kind === 'office' ? ['10.9.0.0/24'] : [],
    country: kind === 'vienna' ? 'Austria' : kind === 'lisbon' ? 'Portugal' : null,
    city: kind === 'vienna' ? 'Vienna' : kind === 'lisbon' ? 'Lisbon' : null
  };
}

const kinds = [
  ['nas', 'linux'],
  ['laptop', 'windows'],
  ['phone', 'android'],
  ['tablet', 'iOS'],
  ['vienna', 'linux'],
  ['camera', 'linux'],
  ['office', 'linux'],
  ['desktop', 'macOS'],
  ['lisbon', 'linux'],
  ['printer', 'linux'],
  ['build-agent', 'linux'],
  ['television', 'tvOS']
] as const;
