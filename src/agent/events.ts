/** What has happened, for the log and for the programs in events.d: the difference between two looks at the status. */

import type { Status } from '../shared/status.ts';
import { compareVersions } from './compare-versions.ts';
import { dueWarning } from './expiry.ts';
import type { Warned } from './expiry.ts';
import { oneLine } from './one-line.ts';

/** A name, then arguments: each one line of text, of at most 255 bytes. */
type Event = string[];

/** What to keep from one look to the next; null before the first. */
interface Known {
  /** Whether it was Running. */
  connected: boolean;
  /** Whether it has been Running since it was logged out last. */
  logged_in: boolean;
  /** Of the daemon that answered last. */
  version: string;
  /** The exit node in use that is away; '' if none is. */
  lost_exit_node: string;
  warned: Warned | null;
  /** The devices that are online, by id; null if nobody asked for them. */
  online: Record<string, string> | null;
}

/** The part of a peer that matters here. */
interface PeerLook {
  id: string;
  name: string;
  online: boolean;
}

/** So that a tailnet that comes and goes as a whole does not start a thousand programs. */
const MOST_PEERS = 32;

/** Of two sets of devices, those that are in `now` alone. */
function findNew(event: string, before: Record<string, string>, now: Record<string, string>): Event[] {
  let found: Event[] = [];
  for (let id in now)
    if (!exists(before, id) && length(found) < MOST_PEERS) push(found, [event, now[id] as string, id]);
  return found;
}

/**
 * The events since the last look, and what to keep for the next. They are `connected` (name, address), `lost` (the
 * state), `logged-out`, `key-expiring` (days left), `updated` and `rolled-back` (from, to), `exit-node-lost` and
 * `exit-node-back` (name), `peer-online` and `peer-offline` (name, id; at most 32 of each, and only while `peers`
 * are given).
 */
function findEvents(
  before: Known | null,
  status: Omit<Status, 'problems'>,
  peers: readonly PeerLook[] | null,
  now: number
): { events: Event[]; known: Known } {
  let known: Partial<Known> = before ?? {};
  let events: Event[] = [];
  let tell = (name: string, ...texts: unknown[]): void => {
    push(events, [name, ...map(texts, (text) => oneLine(text, 255))]);
  };
  let state = status.daemon ? status.state : null;
  let connected = state == 'Running';
  let logged_in = connected || (!!known.logged_in && state != 'NeedsLogin');
  let version = (status.daemon ? status.version : null) ?? known.version ?? '';

  let order = known.version ? compareVersions(version, known.version) : 0;
  if (order != 0) tell(order > 0 ? 'updated' : 'rolled-back', known.version, version);
  if (connected && !known.connected) tell('connected', status.self?.name, status.self?.addresses[0]);
  if (known.connected && !connected) tell('lost', state ?? 'unreachable');
  if (known.logged_in && !logged_in) tell('logged-out');

  let expiring = dueWarning(status.self?.key_expiry ?? null, now, known.warned ?? null);
  if (expiring) tell('key-expiring', `${expiring.left}`);

  let lost = known.lost_exit_node ?? '';
  let node = status.exit_node;
  if (connected) {
    let away = node && !node.online ? (node.name ?? node.id) : '';
    if (away != '' && lost == '') tell('exit-node-lost', away);
    if (away == '' && lost != '' && node) tell('exit-node-back', node.name ?? node.id);
    lost = away;
  }

  let online: Known['online'] = peers ? {} : null;
  map(peers ?? [], (peer) => {
    if (peer.online && online) online[oneLine(peer.id, 255)] = oneLine(peer.name, 255);
  });
  // Without a connection nobody knows.
  if (!connected) online = known.online ?? null;
  if (known.online && online)
    push(
      events,
      ...findNew('peer-online', known.online, online),
      ...findNew('peer-offline', online, known.online)
    );

  let warned = expiring ?? known.warned ?? null;
  return { events, known: { connected, logged_in, version, lost_exit_node: lost, warned, online } };
}

export { findEvents };
export type { Event, Known };
