/**
 * Network and unix sockets. Whatever fails returns null, and `error(true)` says why; a later success clears that.
 * The constants' values differ between processors.
 */
declare module 'socket' {
  export interface Address {
    family?: number;
    /** Of IPv4 and IPv6; of packet sockets the hardware address, in hexadecimal. */
    address?: string;
    port?: number;
    flowinfo?: number;
    /** A link local address's, or a packet socket's: name or index. */
    interface?: string | number;
    /** Of a unix socket. */
    path?: string;
    /** Of packet sockets. */
    protocol?: number;
    hardware_type?: number;
    packet_type?: number;
  }

  /** Such as `192.0.2.1:80`, `[fe80::1%eth0]:80`, a path with a slash, or an address's bytes. */
  export type AddressLike = string | readonly number[] | Address;

  export interface ControlMessage {
    level: number;
    type: number;
    data: unknown;
  }

  export interface Message {
    flags: number;
    /** With MSG_TRUNC perhaps more than there is data. */
    length: number;
    address?: Address;
    /** One for each size that was asked for; a string if that was one number. */
    data: string | string[];
    ancillary?: ControlMessage[];
  }

  export interface Socket {
    /** Without a `port`, that of the address. */
    connect(address: AddressLike, port?: number): true | null;
    /** Any address, if it is omitted. */
    bind(address?: AddressLike): true | null;
    /** `backlog`: 128. */
    listen(backlog?: number): true | null;
    /** Fills `address` with the other side's. `flags`: SOCK_CLOEXEC, SOCK_NONBLOCK. */
    accept(address?: object | null, flags?: number): Socket | null;

    /** Returns the number of bytes, perhaps not all of them. */
    send(data: unknown, flags?: number | null, address?: AddressLike): number | null;
    /**
     * At most `length` (4096) bytes; '' at the end. Always give it: on 24.10 a call without it fails whenever
     * something before it failed.
     */
    recv(length: number, flags?: number | null, address?: object): string | null;
    sendmsg(
      data?: unknown,
      ancillary?: readonly ControlMessage[] | string | null,
      address?: AddressLike | null,
      flags?: number
    ): number | null;
    recvmsg(
      sizes?: number | readonly number[] | null,
      ancillarySize?: number | null,
      flags?: number
    ): Message | null;

    setopt(level: number, option: number, value: unknown): true | null;
    getopt(level: number, option: number): unknown;

    /** The process on the other side of a unix socket. */
    peercred(): { uid: number; gid: number; pid: number } | null;
    peername(): Address | null;
    sockname(): Address | null;
    fileno(): number | null;

    /** `how`: one of SHUT_*. */
    shutdown(how: number): true | null;
    close(): true | null;

    error(numeric?: false): string | null;
    error(numeric: true): number | null;
  }

  export interface Hints {
    family?: number;
    socktype?: number;
    protocol?: number;
    /** AI_*, joined by `|`. */
    flags?: number;
  }

  export interface AddressInfo {
    addr: Address;
    canonname: string | null;
    family: number;
    flags: number;
    protocol: number;
    socktype: number;
  }

  /** A socket, or anything else with a descriptor, and what to wait for, or what has happened: POLL*. */
  export type Polled = [socket: { fileno(): number | null }, events: number];

  /** The last error: its text, or its number (errno, or a negative EAI_*). It stays until something succeeds. */
  export function error(numeric?: false): string | null;
  export function error(numeric: true): number | null;
  export function strerror(code: number): string | null;

  /** AF_INET, SOCK_STREAM and 0 unless given. Blocking, unless the type has SOCK_NONBLOCK. */
  export function create(family?: number, type?: number, protocol?: number): Socket | null;
  /**
   * Of a descriptor.
   * @since 25.12
   */
  export function open(descriptor: number): Socket | null;
  /**
   * Two unix sockets that are connected with each other.
   * @since 25.12
   */
  export function pair(type?: number): [Socket, Socket] | null;
  /** Resolves and connects, within `timeout` milliseconds (-1: no limit). Blocks. */
  export function connect(
    host: AddressLike,
    service?: string | number | null,
    hints?: Hints | null,
    timeout?: number
  ): Socket | null;
  /** Resolves, binds and listens. */
  export function listen(
    host?: AddressLike | null,
    service?: string | number | null,
    hints?: Hints | null,
    backlog?: number | null,
    reuseAddress?: boolean
  ): Socket | null;

  /** Waits at most `timeout` milliseconds (-1: no limit). Returns an entry for each socket, with 0 where nothing happened. */
  export function poll(timeout: number, ...sockets: readonly (Polled[0] | Polled)[]): Polled[] | null;

  export function sockaddr(address: AddressLike): Address | null;
  /** Resolves a name. Blocks. */
  export function addrinfo(host: string, service?: string | null, hints?: Hints): AddressInfo[] | null;
  /** The name of an address. Blocks. `flags`: NI_*. */
  export function nameinfo(
    address: AddressLike,
    flags?: number
  ): { hostname: string; service: string } | null;

  // Families.
  export const AF_INET: number;
  export const AF_INET6: number;
  export const AF_PACKET: number;
  export const AF_UNIX: number;
  export const AF_UNSPEC: number;

  // Types, with flags to be joined by `|`.
  export const SOCK_CLOEXEC: number;
  export const SOCK_DGRAM: number;
  export const SOCK_NONBLOCK: number;
  export const SOCK_PACKET: number;
  export const SOCK_RAW: number;
  export const SOCK_STREAM: number;

  // Flags of `send()`, `recv()` and the like, to be joined by `|`.
  export const MSG_CMSG_CLOEXEC: number;
  export const MSG_CONFIRM: number;
  export const MSG_DONTROUTE: number;
  export const MSG_DONTWAIT: number;
  export const MSG_EOR: number;
  export const MSG_ERRQUEUE: number;
  export const MSG_FASTOPEN: number;
  export const MSG_MORE: number;
  export const MSG_NOSIGNAL: number;
  export const MSG_OOB: number;
  export const MSG_PEEK: number;
  export const MSG_TRUNC: number;
  export const MSG_WAITALL: number;

  // Levels, for `getopt()` and `setopt()`, and protocols.
  export const IPPROTO_IP: number;
  export const IPPROTO_IPV6: number;
  export const IPPROTO_TCP: number;
  export const IPPROTO_UDP: number;
  export const SOL_PACKET: number;
  export const SOL_SOCKET: number;

  // Options of SOL_SOCKET.
  export const SO_ACCEPTCONN: number;
  export const SO_ATTACH_BPF: number;
  export const SO_ATTACH_FILTER: number;
  export const SO_ATTACH_REUSEPORT_CBPF: number;
  export const SO_ATTACH_REUSEPORT_EBPF: number;
  export const SO_BINDTODEVICE: number;
  export const SO_BROADCAST: number;
  export const SO_BUSY_POLL: number;
  export const SO_DEBUG: number;
  export const SO_DETACH_BPF: number;
  export const SO_DETACH_FILTER: number;
  export const SO_DOMAIN: number;
  export const SO_DONTROUTE: number;
  export const SO_ERROR: number;
  export const SO_INCOMING_CPU: number;
  export const SO_INCOMING_NAPI_ID: number;
  export const SO_KEEPALIVE: number;
  export const SO_LINGER: number;
  export const SO_LOCK_FILTER: number;
  export const SO_MARK: number;
  export const SO_OOBINLINE: number;
  export const SO_PASSCRED: number;
  export const SO_PASSSEC: number;
  export const SO_PEEK_OFF: number;
  export const SO_PEERCRED: number;
  export const SO_PEERSEC: number;
  export const SO_PRIORITY: number;
  export const SO_PROTOCOL: number;
  export const SO_RCVBUF: number;
  export const SO_RCVBUFFORCE: number;
  export const SO_RCVLOWAT: number;
  export const SO_RCVTIMEO: number;
  export const SO_REUSEADDR: number;
  export const SO_REUSEPORT: number;
  export const SO_RXQ_OVFL: number;
  export const SO_SNDBUF: number;
  export const SO_SNDBUFFORCE: number;
  export const SO_SNDLOWAT: number;
  export const SO_SNDTIMEO: number;
  export const SO_TIMESTAMP: number;
  export const SO_TIMESTAMPNS: number;
  export const SO_TYPE: number;

  // Options of IPPROTO_IP.
  export const IP_ADD_MEMBERSHIP: number;
  export const IP_ADD_SOURCE_MEMBERSHIP: number;
  export const IP_BIND_ADDRESS_NO_PORT: number;
  export const IP_BLOCK_SOURCE: number;
  export const IP_DROP_MEMBERSHIP: number;
  export const IP_DROP_SOURCE_MEMBERSHIP: number;
  export const IP_FREEBIND: number;
  export const IP_HDRINCL: number;
  export const IP_MSFILTER: number;
  export const IP_MTU: number;
  export const IP_MTU_DISCOVER: number;
  export const IP_MULTICAST_ALL: number;
  export const IP_MULTICAST_IF: number;
  export const IP_MULTICAST_LOOP: number;
  export const IP_MULTICAST_TTL: number;
  export const IP_NODEFRAG: number;
  export const IP_OPTIONS: number;
  export const IP_PASSSEC: number;
  export const IP_PKTINFO: number;
  export const IP_RECVERR: number;
  export const IP_RECVOPTS: number;
  export const IP_RECVORIGDSTADDR: number;
  export const IP_RECVTOS: number;
  export const IP_RECVTTL: number;
  export const IP_RETOPTS: number;
  export const IP_ROUTER_ALERT: number;
  export const IP_TOS: number;
  export const IP_TRANSPARENT: number;
  export const IP_TTL: number;
  export const IP_UNBLOCK_SOURCE: number;

  // Options of IPPROTO_IPV6.
  export const IPV6_ADDRFORM: number;
  export const IPV6_ADDR_PREFERENCES: number;
  export const IPV6_ADD_MEMBERSHIP: number;
  export const IPV6_AUTHHDR: number;
  export const IPV6_AUTOFLOWLABEL: number;
  export const IPV6_DONTFRAG: number;
  export const IPV6_DROP_MEMBERSHIP: number;
  export const IPV6_DSTOPTS: number;
  export const IPV6_FLOWINFO: number;
  export const IPV6_FLOWINFO_SEND: number;
  export const IPV6_FLOWLABEL_MGR: number;
  export const IPV6_FREEBIND: number;
  export const IPV6_HOPLIMIT: number;
  export const IPV6_HOPOPTS: number;
  export const IPV6_JOIN_ANYCAST: number;
  export const IPV6_LEAVE_ANYCAST: number;
  export const IPV6_MINHOPCOUNT: number;
  export const IPV6_MTU: number;
  export const IPV6_MTU_DISCOVER: number;
  export const IPV6_MULTICAST_ALL: number;
  export const IPV6_MULTICAST_HOPS: number;
  export const IPV6_MULTICAST_IF: number;
  export const IPV6_MULTICAST_LOOP: number;
  export const IPV6_PKTINFO: number;
  export const IPV6_RECVDSTOPTS: number;
  export const IPV6_RECVERR: number;
  export const IPV6_RECVFRAGSIZE: number;
  export const IPV6_RECVHOPLIMIT: number;
  export const IPV6_RECVHOPOPTS: number;
  export const IPV6_RECVORIGDSTADDR: number;
  export const IPV6_RECVPATHMTU: number;
  export const IPV6_RECVPKTINFO: number;
  export const IPV6_RECVRTHDR: number;
  export const IPV6_RECVTCLASS: number;
  export const IPV6_ROUTER_ALERT: number;
  export const IPV6_ROUTER_ALERT_ISOLATE: number;
  export const IPV6_RTHDR: number;
  export const IPV6_RTHDRDSTOPTS: number;
  export const IPV6_TCLASS: number;
  export const IPV6_TRANSPARENT: number;
  export const IPV6_UNICAST_HOPS: number;
  export const IPV6_UNICAST_IF: number;
  export const IPV6_V6ONLY: number;

  // Options of IPPROTO_TCP and IPPROTO_UDP.
  export const TCP_CONGESTION: number;
  export const TCP_CORK: number;
  export const TCP_DEFER_ACCEPT: number;
  export const TCP_FASTOPEN: number;
  export const TCP_FASTOPEN_CONNECT: number;
  export const TCP_INFO: number;
  export const TCP_KEEPCNT: number;
  export const TCP_KEEPIDLE: number;
  export const TCP_KEEPINTVL: number;
  export const TCP_LINGER2: number;
  export const TCP_MAXSEG: number;
  export const TCP_NODELAY: number;
  export const TCP_QUICKACK: number;
  export const TCP_SYNCNT: number;
  export const TCP_USER_TIMEOUT: number;
  export const TCP_WINDOW_CLAMP: number;
  export const UDP_CORK: number;

  // Options of SOL_PACKET, and types of packets.
  export const PACKET_ADD_MEMBERSHIP: number;
  export const PACKET_AUXDATA: number;
  export const PACKET_BROADCAST: number;
  export const PACKET_DROP_MEMBERSHIP: number;
  export const PACKET_FANOUT: number;
  export const PACKET_HOST: number;
  export const PACKET_LOSS: number;
  export const PACKET_MR_ALLMULTI: number;
  export const PACKET_MR_MULTICAST: number;
  export const PACKET_MR_PROMISC: number;
  export const PACKET_MULTICAST: number;
  export const PACKET_OTHERHOST: number;
  export const PACKET_OUTGOING: number;
  export const PACKET_QDISC_BYPASS: number;
  export const PACKET_RESERVE: number;
  export const PACKET_RX_RING: number;
  export const PACKET_STATISTICS: number;
  export const PACKET_TIMESTAMP: number;
  export const PACKET_TX_RING: number;
  export const PACKET_VERSION: number;

  // Control messages.
  export const SCM_CREDENTIALS: number;
  export const SCM_RIGHTS: number;

  // Directions of `shutdown()`.
  export const SHUT_RD: number;
  export const SHUT_RDWR: number;
  export const SHUT_WR: number;

  // Flags of `addrinfo()`.
  export const AI_ADDRCONFIG: number;
  export const AI_ALL: number;
  export const AI_CANONIDN: number;
  export const AI_CANONNAME: number;
  export const AI_IDN: number;
  export const AI_NUMERICHOST: number;
  export const AI_NUMERICSERV: number;
  export const AI_PASSIVE: number;
  export const AI_V4MAPPED: number;

  // Flags of `nameinfo()`.
  export const NI_DGRAM: number;
  export const NI_IDN: number;
  export const NI_MAXHOST: number;
  export const NI_MAXSERV: number;
  export const NI_NAMEREQD: number;
  export const NI_NOFQDN: number;
  export const NI_NUMERICHOST: number;
  export const NI_NUMERICSERV: number;

  // Events of `poll()`.
  export const POLLERR: number;
  export const POLLHUP: number;
  export const POLLIN: number;
  export const POLLNVAL: number;
  export const POLLOUT: number;
  export const POLLPRI: number;
  export const POLLRDHUP: number;
}
