/**
 * The tailnet's devices. A status with thousands of them is cut while it arrives, so that no step takes long, and
 * of each only what is shown is kept, in one text: objects would take ten times as much memory, and ucode goes through
 * all that there is after each call by ubus, strings too.
 */

import type { Peer } from '../shared/status.ts';
import { cut, cutAll, seconds, parse } from './text.ts';

/** A peer's values in the order of `fields`. */
type Row = [
  id: string,
  name: string,
  host_name: string,
  addresses: string[],
  os: string,
  owner: string | null,
  tags: string[],
  online: boolean,
  active: boolean,
  path: string,
  via: string | null,
  received: number,
  sent: number,
  last_seen: number | null,
  last_handshake: number | null,
  key_expiry: number | null,
  expired: boolean,
  exit_node: boolean,
  exit_node_option: boolean,
  routes: string[],
  country: string | null,
  city: string | null
];

/** As LocalAPI gives it: tailscale's ipnstate.PeerStatus, and nothing of it is checked. */
type PeerStatus = Record<string, unknown>;

interface Page {
  total: number;
  /** Those that match. */
  found: number;
  offset: number;
  peers: Peer[];
}

interface Query {
  search?: string;
  sort: string;
  offset?: number;
  limit?: number;
  online?: boolean;
}

/** Many texts in one, and where each starts; the last start is the end. */
interface Texts {
  text: string;
  starts: number[];
}

interface Devices {
  count: number;
  /** A row each, as JSON; with the number of its owner, because the users stand behind the devices. */
  rows: Texts;
  /** Where the users' names stand in `names`, by their numbers. */
  users: Record<string, number>;
  names: Texts;
  /** By fields: the numbers of the rows as sorted. */
  orders: Record<string, number[] | null>;
  /** What was asked for last: who shows a page asks for it again and again. */
  page: Page | null;
  page_key: string;
}

interface Cutter {
  /** Of the text, what is not yet understood. */
  rest: string;
  /** What stands before and behind the peers. */
  around: string;
  inside: boolean;
  ended: boolean;
  rows: string[];
}

const fields: readonly (keyof Peer)[] = [
  'id',
  'name',
  'host_name',
  'addresses',
  'os',
  'owner',
  'tags',
  'online',
  'active',
  'path',
  'via',
  'received',
  'sent',
  'last_seen',
  'last_handshake',
  'key_expiry',
  'expired',
  'exit_node',
  'exit_node_option',
  'routes',
  'country',
  'city'
];
/** What a reply of ours may hold, in bytes; ubus drops the connection of who sends a megabyte. */
const LARGEST = 200000;

function number(value: unknown): number {
  return type(value) == 'int' ? (value as number) : 0;
}

function name(dns_name: unknown): string {
  return rtrim(cut(dns_name, 254), '.');
}

function path(peer: PeerStatus): string {
  if (peer.CurAddr) return 'direct';
  if (peer.PeerRelay) return 'peer-relay';
  return peer.Relay && peer.Active ? 'relay' : 'none';
}

function pack(peer: PeerStatus): string {
  let location = (type(peer.Location) == 'object' ? peer.Location : {}) as Record<string, unknown>;
  let kind = path(peer);
  let via = kind == 'direct' ? peer.CurAddr : kind == 'peer-relay' ? peer.PeerRelay : peer.Relay;
  return sprintf('%J', [
    cut(peer.ID, 64),
    name(peer.DNSName),
    cut(peer.HostName, 254),
    cutAll(peer.TailscaleIPs, 4, 45),
    cut(peer.OS, 64),
    number(peer.UserID),
    cutAll(peer.Tags, 20, 64),
    peer.Online == true,
    peer.Active == true,
    kind,
    cut(via, 64) || null,
    number(peer.RxBytes),
    number(peer.TxBytes),
    seconds(peer.LastSeen),
    seconds(peer.LastHandshake),
    seconds(peer.KeyExpiry),
    peer.Expired == true,
    peer.ExitNode == true,
    peer.ExitNodeOption == true,
    cutAll(peer.PrimaryRoutes, 64, 43),
    cut(location.Country, 64) || null,
    cut(location.City, 64) || null
  ]);
}

function joinTexts(texts: readonly string[]): Texts {
  let starts = [0];
  let start = 0;
  for (let i = 0; i < length(texts); i++) {
    start += length(texts[i] ?? '');
    push(starts, start);
  }
  return { text: join('', texts), starts };
}

function textAt(texts: Texts, i: number): string {
  let start = texts.starts[i] ?? 0;
  return substr(texts.text, start, (texts.starts[i + 1] ?? 0) - start);
}

function unpack(devices: Devices, i: number): Row {
  let row = json(textAt(devices.rows, i)) as Row;
  let owner = devices.users[`${row[5] ?? 0}`];
  row[5] = owner == null ? null : textAt(devices.names, owner) || null;
  return row;
}

function unpackAll(devices: Devices): Row[] {
  let rows: Row[] = [];
  for (let i = 0; i < devices.count; i++) push(rows, unpack(devices, i));
  return rows;
}

function toPeer(row: Row): Peer {
  let peer: Record<string, unknown> = {};
  for (let i = 0; i < length(fields); i++) peer[fields[i] ?? ''] = row[i];
  return peer as unknown as Peer;
}

function newCutter(): Cutter {
  return { rest: '', around: '', inside: false, ended: false, rows: [] };
}

/** Takes the next piece of a status. It is indented by tabs, and no line ends within a string. */
function takePiece(cutter: Cutter, piece: string): void {
  cutter.rest += piece;
  if (cutter.ended) return;
  if (!cutter.inside) {
    let start = index(cutter.rest, '\n\t"Peer": {\n');
    if (start < 0) return;
    cutter.inside = true;
    cutter.around = substr(cutter.rest, 0, start);
    cutter.rest = substr(cutter.rest, start + 11);
  }
  while (substr(cutter.rest, 0, 3) != '\n\t}') {
    let end = index(cutter.rest, '\n\t\t}');
    if (end < 0) return;
    let start = index(cutter.rest, ': {');
    let peer = parse(substr(cutter.rest, start + 2, end + 4 - start - 2));
    if (type(peer) == 'object' && !(peer as PeerStatus).ShareeNode)
      push(cutter.rows, pack(peer as PeerStatus));
    let next = end + 4;
    cutter.rest = substr(cutter.rest, substr(cutter.rest, next, 1) == ',' ? next + 1 : next);
  }
  cutter.ended = true;
}

/** What the pieces were: null if they were no status. */
function endOfPieces(cutter: Cutter): Devices | null {
  let text = cutter.ended ? `${cutter.around}\n\t"Peer": {${cutter.rest}` : cutter.rest;
  let status = parse(text) as { User?: Record<string, { LoginName?: unknown }> } | null;
  if (type(status) != 'object' || (cutter.inside && !cutter.ended)) return null;
  let users: Devices['users'] = {};
  let names: string[] = [];
  if (type(status?.User) == 'object')
    for (let id in status?.User) {
      users[id] = length(names);
      push(names, cut(status.User[id]?.LoginName, 254));
    }
  return {
    count: length(cutter.rows),
    rows: joinTexts(cutter.rows),
    users,
    names: joinTexts(names),
    orders: {},
    page: null,
    page_key: ''
  };
}

/** Strings that sort as what they stand for, so that no function of ours is called a thousand times a second. */
function sortKey(row: Row, column: number): string {
  let value = row[column];
  switch (type(value)) {
    case 'string':
      return lc(value as string);
    case 'int':
      // What is largest, or was last, comes first.
      return sprintf('%020d', 9000000000000000000 - (value as number));
    case 'bool':
      return value ? '0' : '1';
    default:
      return '~';
  }
}

/** The numbers of the rows in the order of a field, and by name among equals. Null: there is no such field. */
function orderBy(devices: Devices, field: string): number[] | null {
  let column = index(fields, field);
  let rows = unpackAll(devices);
  if (column < 0 || type(rows[0]?.[column]) == 'array') return null;
  let keys = map(rows, (row, i) => `${sortKey(row, column)}\t${lc(row[1])}\t${i}`);
  return map(sort(keys), (key) => int(substr(key, rindex(key, '\t') + 1)));
}

function matches(row: Row, query: Query, needle: string): boolean {
  if (query.online != null && row[7] != query.online) return false;
  if (needle == '') return true;
  let text = `${row[1]} ${row[2]} ${row[4]} ${row[5] ?? ''} ${join(' ', row[3])} ${join(' ', row[6])}`;
  return index(lc(text), needle) >= 0;
}

/** More than the row takes in a reply. */
function size(row: Row): number {
  let names = length(row[1]) + length(row[2]) + length(row[5] ?? '');
  return 600 + names + 64 * (length(row[6]) + length(row[19]));
}

/** At most 500, and never more than a reply can hold. */
function makePage(devices: Devices, query: Query): Page {
  devices.orders[query.sort] ??= orderBy(devices, query.sort);
  let order = devices.orders[query.sort] ?? [];
  let needle = lc(query.search ?? '');
  let offset = query.offset ?? 0;
  let limit = min(query.limit ?? 100, 500);
  let plain = needle == '' && query.online == null;
  let page: Page = { total: devices.count, found: 0, offset, peers: [] };
  let bytes = 0;
  for (let i = plain ? offset : 0; i < length(order); i++) {
    let row = unpack(devices, order[i] ?? 0);
    if (!plain && !matches(row, query, needle)) continue;
    let position = plain ? i : page.found;
    page.found++;
    if (position < offset) continue;
    if (length(page.peers) >= limit || bytes > LARGEST) {
      if (plain) break;
      continue;
    }
    bytes += size(row);
    push(page.peers, toPeer(row));
  }
  if (plain) page.found = page.total;
  return page;
}

function toPage(devices: Devices, query: Query): Page {
  let key = sprintf('%J', query);
  if (key != devices.page_key) devices.page = null;
  devices.page_key = key;
  devices.page ??= makePage(devices, query);
  return devices.page;
}

export { endOfPieces, fields, newCutter, takePiece, toPage, toPeer, unpackAll };
export type { Devices, Query, Row };
