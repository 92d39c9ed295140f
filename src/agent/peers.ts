/**
 * The tailnet's devices. A status with thousands of them is cut while it arrives, so that no step takes long, and
 * of each only what is shown is kept, in one text: objects would take ten times as much memory, and ucode goes through
 * all that there is after each call by ubus, strings too.
 */

import type { Peer } from '../shared/status.ts';
import { cut, cutAll, parse, timeOf } from './text.ts';

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
  search: string;
  sort: string;
  offset: number;
  /** At most 500. */
  limit: number;
  online: boolean | null;
}

/** All of it in few texts: what is to be collected is looked for in each array and each object that there is. */
interface Devices {
  count: number;
  /** A row each, as JSON, one behind the other; the owner is the last of it. */
  rows: string;
  /** Where each of them starts, and all end. */
  starts: string;
  /** By fields: the numbers of the rows as sorted. */
  orders: Record<string, string>;
  /** What was asked for last: who shows a page asks for it again and again. */
  page?: Page | null;
  page_key?: string;
}

interface Cutter {
  /** Of the text, what is not yet understood. */
  rest: string;
  /** What stands before the peers, once they have begun. */
  before?: string;
  ended?: boolean;
  /** Without the owners, who stand behind all devices. */
  rows: string[];
  /** Their numbers. */
  owners: string[];
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

/** How packets get to a device, and the address or the region on that path. */
function wayOf(direct: unknown, peer_relay: unknown, relay: unknown): [path: string, via: unknown] {
  return direct
    ? ['direct', direct]
    : peer_relay
      ? ['peer-relay', peer_relay]
      : [relay ? 'relay' : 'none', relay];
}

function pack(peer: PeerStatus): string {
  let location = peer.Location as Record<string, unknown> | null;
  let way = wayOf(peer.CurAddr, peer.PeerRelay, peer.Active && peer.Relay);
  return sprintf('%J', [
    cut(peer.ID, 64),
    name(peer.DNSName),
    cut(peer.HostName, 254),
    cutAll(peer.TailscaleIPs, 4, 45),
    cut(peer.OS, 64),
    cutAll(peer.Tags, 20, 64),
    peer.Online == true,
    peer.Active == true,
    way[0],
    cut(way[1] || peer.Relay, 64) || null,
    number(peer.RxBytes),
    number(peer.TxBytes),
    timeOf(peer.LastSeen),
    timeOf(peer.LastHandshake),
    timeOf(peer.KeyExpiry),
    peer.Expired == true,
    peer.ExitNode == true,
    peer.ExitNodeOption == true,
    cutAll(peer.PrimaryRoutes, 64, 43),
    cut(location?.Country, 64) || null,
    cut(location?.City, 64) || null
  ]);
}

/** Numbers in one text. */
function packNumbers(numbers: number[]): string {
  return join(
    '',
    map(numbers, (one) => sprintf('%08d', one))
  );
}

function numberAt(numbers: string, i: number): number {
  return int(substr(numbers, 8 * i, 8));
}

function unpack(devices: Devices, i: number): Row {
  let start = numberAt(devices.starts, i);
  let row = json(substr(devices.rows, start, numberAt(devices.starts, i + 1) - start)) as Row;
  splice(row, 5, 0, pop(row));
  return row;
}

function unpackAll(devices: Devices): Row[] {
  let rows: Row[] = [];
  for (let i = 0; i < devices.count; i++) push(rows, unpack(devices, i));
  return rows;
}

function findDevice(devices: Devices, id: string): Row | null {
  return filter(unpackAll(devices), (row) => row[0] == id)[0] ?? null;
}

function toPeer(row: Row): Peer {
  let peer: Record<string, unknown> = {};
  map(fields, (field, i) => (peer[field] = row[i]));
  return peer as unknown as Peer;
}

function newCutter(): Cutter {
  return { rest: '', rows: [], owners: [] };
}

/** Takes the next piece of a status. It is indented by tabs, and no line ends within a string. */
function takePiece(cutter: Cutter, piece: string): void {
  cutter.rest += piece;
  if (cutter.ended) return;
  if (cutter.before == null) {
    let start = index(cutter.rest, '\n\t"Peer": {\n');
    if (start < 0) return;
    cutter.before = substr(cutter.rest, 0, start);
    cutter.rest = substr(cutter.rest, start + 11);
  }
  while (substr(cutter.rest, 0, 3) != '\n\t}') {
    let end = index(cutter.rest, '\n\t\t}');
    if (end < 0) return;
    let start = index(cutter.rest, ': {') + 2;
    end += 4;
    let peer = parse(substr(cutter.rest, start, end - start));
    if (type(peer) == 'object' && !(peer as PeerStatus).ShareeNode) {
      push(cutter.rows, pack(peer as PeerStatus));
      push(cutter.owners, `${number((peer as PeerStatus).UserID)}`);
    }
    cutter.rest = substr(cutter.rest, substr(cutter.rest, end, 1) == ',' ? end + 1 : end);
  }
  cutter.ended = true;
}

/** What the pieces were: null if they were no status. */
function endOfPieces(cutter: Cutter): Devices | null {
  let text = cutter.ended ? `${cutter.before as string}\n\t"Peer": {${cutter.rest}` : cutter.rest;
  let status = parse(text) as { User?: Record<string, { LoginName?: unknown }> } | null;
  if (type(status) != 'object') return null;
  let rows = map(cutter.rows, (row, i) => {
    let owner = cut(status?.User?.[cutter.owners[i] as string]?.LoginName, 254) || null;
    return `${rtrim(row, ']')},${sprintf('%J', owner)}]`;
  });
  let end = 0;
  return {
    count: length(rows),
    rows: join('', rows),
    starts: packNumbers([0, ...map(rows, (row) => (end += length(row)))]),
    orders: {}
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

/** The numbers of rows in the order of what `key` makes of them, and by name among equals. */
function orderBy(rows: Row[], key: (row: Row) => string): number[] {
  let keys = map(rows, (row, i) => `${key(row)}\t${lc(row[1])}\t${i}`);
  return map(sort(keys), (text) => int(substr(text, rindex(text, '\t') + 1)));
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

/** Never more than a reply can hold. */
function makePage(devices: Devices, query: Query): Page {
  let column = index(fields, query.sort);
  let order = (devices.orders[query.sort] ??= packNumbers(
    orderBy(unpackAll(devices), (row) => sortKey(row, column))
  ));
  let needle = lc(query.search);
  let offset = query.offset;
  let plain = needle == '' && query.online == null;
  let page: Page = { total: devices.count, found: 0, offset, peers: [] };
  let bytes = 0;
  for (let i = plain ? offset : 0; i < page.total; i++) {
    let row = unpack(devices, numberAt(order, i));
    if (!plain && !matches(row, query, needle)) continue;
    let position = plain ? i : page.found;
    page.found++;
    if (position < offset) continue;
    if (length(page.peers) >= query.limit || bytes > LARGEST) {
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
  return (devices.page ??= makePage(devices, query));
}

export {
  endOfPieces,
  fields,
  findDevice,
  name,
  newCutter,
  orderBy,
  takePiece,
  toPage,
  toPeer,
  unpackAll,
  wayOf
};
export type { Devices, Query, Row };
