import { isIPv6 } from 'node:net';
import { errno, strerror } from '../errno.ts';
import type { Ask } from '../link.ts';
import type { Place } from '../place.ts';
import type { Address } from '../system/streams.ts';
import type { Calls } from '../system/system.ts';
import { Resource, isTable, table, text, toInteger, type Table } from '../values.ts';

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_NONBLOCK = 0x800;
const [POLLIN, POLLOUT, POLLHUP] = [1, 4, 16];
/** How long a connection that does not block may take before it is said to be in progress: milliseconds. */
const atOnce = 5;

/** ucode's `socket`, of streams: unix, IPv4 and IPv6. */
export function makeSocket(ask: Ask<Calls>, place: Place): object {
  const last: Last = { errno: 0, call: '' };
  const open = (family: number, type: number): Socket =>
    new Socket(ask, place, last, ask('socket'), family, (type & SOCK_NONBLOCK) === 0);
  const connectTo = (host: unknown, service: unknown): Socket | null => {
    const address = service == null ? host : `${text(host)}:${text(service)}`;
    const target = addressOf(address, place);
    const socket = open(target && 'path' in target ? AF_UNIX : AF_INET, 0);
    return socket.connect(address) && socket;
  };
  return {
    error: (numeric?: unknown) => errorOf(last, numeric),
    strerror: (code: unknown) => strerror(toInteger(code)),
    create: (family?: unknown, type?: unknown) => {
      const kind = type == null ? 1 : toInteger(type);
      const wanted = family == null ? AF_INET : toInteger(family);
      if ((kind & 15) !== 1 || ![AF_UNIX, AF_INET, AF_INET6].includes(wanted))
        return fail(last, 'socket()', errno.EPROTONOSUPPORT);
      return done(last, open(wanted, kind));
    },
    connect: connectTo,
    poll: (timeout: unknown, ...sockets: unknown[]) => poll(ask, toInteger(timeout), sockets),
    sockaddr: (address: unknown) => {
      const known = addressOf(address, place);
      return known ? done(last, seen(known, place)) : fail(last, 'Unable to parse IP address', errno.EINVAL);
    },
    ...constants
  };
}

const constants = {
  AF_UNSPEC: 0,
  AF_UNIX,
  AF_INET,
  AF_INET6,
  SOCK_STREAM: 1,
  SOCK_NONBLOCK,
  SOCK_CLOEXEC: 0x80000,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_ERROR: 4,
  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,
  MSG_PEEK: 2,
  MSG_DONTWAIT: 0x40,
  MSG_NOSIGNAL: 0x4000,
  IPPROTO_TCP: 6,
  TCP_NODELAY: 1,
  POLLIN,
  POLLOUT,
  POLLHUP,
  POLLERR: 8
};

interface Last {
  errno: number;
  /** What has failed, such as `recv()`. */
  call: string;
}

class Socket extends Resource {
  readonly #ask: Ask<Calls>;
  readonly #place: Place;
  readonly #last: Last;
  readonly #family: number;
  #blocking: boolean;
  #descriptor: number | null;
  #bound: Address | null = null;

  constructor(
    ask: Ask<Calls>,
    place: Place,
    last: Last,
    descriptor: number,
    family: number,
    blocking: boolean
  ) {
    super();
    this.#ask = ask;
    this.#place = place;
    this.#last = last;
    this.#descriptor = descriptor;
    this.#family = family;
    this.#blocking = blocking;
  }

  connect(address: unknown, port?: unknown): true | null {
    const target = addressOf(port == null ? address : withPort(address, port), this.#place);
    if (!target) return fail(this.#last, 'connect()', errno.EINVAL);
    const patience = this.#blocking || this.#family === AF_UNIX ? Infinity : atOnce;
    return this.#result(
      'connect()',
      this.#with((descriptor) => this.#ask('connect', descriptor, target, patience))
    );
  }

  bind(address?: unknown): true | null {
    this.#bound = address == null ? { host: '0.0.0.0', port: 0 } : addressOf(address, this.#place);
    return this.#result('bind()', this.#bound ? 0 : -errno.EINVAL);
  }

  listen(): true | null {
    const address = this.#bound;
    if (!address) return fail(this.#last, 'listen()', errno.EINVAL);
    return this.#result(
      'listen()',
      this.#with((descriptor) => this.#ask('listen', descriptor, address))
    );
  }

  accept(address?: unknown, flags?: unknown): Socket | null {
    const accepted = this.#patiently('read', (descriptor) => this.#ask('accept', descriptor));
    if (accepted < 0) return fail(this.#last, 'accept()', -accepted);
    const blocking = (toInteger(flags) & SOCK_NONBLOCK) === 0;
    const socket = new Socket(this.#ask, this.#place, this.#last, accepted, this.#family, blocking);
    if (isTable(address)) Object.assign(address, socket.peername() ?? {});
    return done(this.#last, socket);
  }

  recv(length?: unknown): string | null {
    const size = length == null ? 4096 : toInteger(length);
    const received = this.#patiently('read', (descriptor) => this.#ask('recv', descriptor, size));
    return typeof received === 'number' ? fail(this.#last, 'recv()', -received) : done(this.#last, received);
  }

  send(data: unknown): number | null {
    const bytes = text(data);
    const sent = this.#patiently('write', (descriptor) => this.#ask('send', descriptor, bytes));
    return sent < 0 ? fail(this.#last, 'send()', -sent) : done(this.#last, sent);
  }

  /** Nothing of it is of consequence here. */
  setopt(): true | null {
    return this.#result(
      'setsockopt()',
      this.#with(() => 0)
    );
  }

  /** Of a unix socket that has connected to a path. */
  peercred(): Table | null {
    const peer = this.#with((descriptor) => this.#ask('peer', descriptor));
    if (typeof peer === 'number') return fail(this.#last, 'getsockopt()', -peer);
    return peer ? done(this.#last, table({ ...peer })) : fail(this.#last, 'getsockopt()', errno.ENOTCONN);
  }

  peername(): Table | null {
    return this.#end('getpeername()', 'remote');
  }

  sockname(): Table | null {
    return this.#end('getsockname()', 'local');
  }

  unblock(): void {
    this.#blocking = false;
  }

  fileno(): number | null {
    return this.#descriptor;
  }

  shutdown(how: unknown): true | null {
    return this.#result(
      'shutdown()',
      this.#with((descriptor) => {
        if (toInteger(how) !== 0) this.#ask('shutdown', descriptor);
        return 0;
      })
    );
  }

  close(): true | null {
    const result = this.#with((descriptor) => {
      this.#ask('close', descriptor);
      return 0;
    });
    this.#descriptor = null;
    return this.#result('close()', result);
  }

  error(numeric?: unknown): string | number | null {
    return errorOf(this.#last, numeric);
  }

  #with<T>(act: (descriptor: number) => T): T | number {
    return this.#descriptor === null ? -errno.EBADF : act(this.#descriptor);
  }

  /** Waits until it can be done, if the socket is one that waits. */
  #patiently<T extends string | number>(way: 'read' | 'write', act: (descriptor: number) => T): T | number {
    for (;;) {
      const result = this.#with(act);
      if (result !== -errno.EAGAIN || !this.#blocking) return result;
      this.#with((descriptor) =>
        this.#ask('wait', [{ descriptor, read: way === 'read', write: way === 'write' }], -1, false)
      );
    }
  }

  #end(call: string, which: 'local' | 'remote'): Table | null {
    if (this.#family === AF_UNIX) return done(this.#last, table({ family: AF_UNIX, path: '' }));
    const ends = this.#with((descriptor) => this.#ask('ends', descriptor));
    const address = typeof ends === 'number' ? undefined : ends[which];
    return address ? done(this.#last, seen(address, this.#place)) : fail(this.#last, call, errno.ENOTCONN);
  }

  #result(call: string, result: number): true | null {
    return result < 0 ? fail(this.#last, call, -result) : done(this.#last, true);
  }
}

/** As of O_NONBLOCK, if it is something that waits. */
export function unblock(file: unknown): void {
  const { unblock: act } = (file ?? {}) as { unblock?: () => void };
  if (file instanceof Resource) act?.call(file);
}

/** Of a number, or of what has one. */
export function descriptorOf(file: unknown): number | null {
  if (typeof file === 'number') return file;
  const { fileno } = (file ?? {}) as { fileno?: unknown };
  const descriptor = typeof fileno === 'function' ? (fileno.call(file) as unknown) : null;
  return typeof descriptor === 'number' ? descriptor : null;
}

function poll(ask: Ask<Calls>, timeout: number, sockets: readonly unknown[]): unknown[] | null {
  const wanted = sockets.map((entry) => {
    const [socket, events] = (Array.isArray(entry) ? entry : [entry, POLLIN]) as [unknown, unknown];
    return { socket, descriptor: descriptorOf(socket) ?? -1, events: toInteger(events) };
  });
  const watched = wanted.map(({ descriptor, events }) => ({
    descriptor,
    read: (events & POLLIN) !== 0,
    write: (events & POLLOUT) !== 0
  }));
  const { ready } = ask('wait', watched, timeout, false);
  return wanted.map(({ socket }, i) => {
    const found = ready.find(({ index }) => index === i);
    const bits = found
      ? (found.readable ? POLLIN : 0) | (found.writable ? POLLOUT : 0) | (found.over ? POLLHUP : 0)
      : 0;
    return [socket, bits];
  });
}

/** null if it is none. */
function addressOf(address: unknown, place: Place): Address | null {
  if (isTable(address)) {
    if (typeof address['path'] === 'string') return { path: place.real(address['path']) };
    return { host: text(address['address'] ?? '0.0.0.0'), port: toInteger(address['port']) };
  }
  if (typeof address !== 'string') return null;
  if (address.includes('/')) return { path: place.real(address) };
  if (isIPv6(address)) return { host: address, port: 0 };
  const [, ipv6, ipv4, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::([0-9]+))?$/.exec(address) ?? [];
  return ipv6 === undefined && ipv4 === undefined
    ? null
    : { host: ipv6 ?? ipv4 ?? '', port: Number(port ?? 0) };
}

function withPort(address: unknown, port: unknown): unknown {
  if (isTable(address)) return table({ ...address, port: toInteger(port) });
  return isIPv6(text(address)) ? `[${text(address)}]:${text(port)}` : `${text(address)}:${text(port)}`;
}

function seen(address: Address, place: Place): Table {
  if ('path' in address) return table({ family: AF_UNIX, path: place.seen(address.path) });
  const { host, port } = address;
  return table({ family: isIPv6(host) ? AF_INET6 : AF_INET, address: host, port });
}

function done<T>(last: Last, value: T): T {
  last.errno = 0;
  return value;
}

function fail(last: Last, call: string, number: number): null {
  Object.assign(last, { errno: number, call });
  return null;
}

function errorOf(last: Last, numeric: unknown): string | number | null {
  if (last.errno === 0) return null;
  return numeric ? last.errno : `${last.call}: ${strerror(last.errno)}`;
}
