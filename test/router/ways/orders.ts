/** What an end of the ways is told, a line of JSON at a time, and answers with. */

/** Every end answers there, over TCP and UDP. */
export const port = 7777;
/** What is sent all the time goes there. */
export const streamPort = 7778;
/** Whoever comes there over TCP is told the address that he comes from. */
export const seenPort = 7779;
/** What comes there over TCP is read, for as long as it comes. */
export const flowPort = 7776;

export const protocols = ['tcp', 'udp', 'icmp'] as const;
export type Protocol = (typeof protocols)[number];

/** An address, and the end that is expected there. */
export interface Target {
  name: string;
  address: string;
}

export type Order =
  /** Tries each; answers with what is reached. */
  | { do: 'try'; targets: Target[] }
  /** Sends to each all the time, until the next such order; with the sender's addresses if it is to forge them. */
  | { do: 'stream'; key: string; targets: (Target & { from?: string })[] }
  /** Sends to each by every protocol to a port or with so many bytes, as from these addresses. */
  | { do: 'forge'; targets: Target[]; from: readonly string[]; port: number; size: number }
  /** Sends one datagram with so many bytes to each. */
  | { do: 'knock'; targets: Target[]; port: number; size: number }
  /** Asks each which address it sees; answers with those, '' where nobody answers. */
  | { do: 'ask'; targets: readonly Target[] }
  /**
   * Sends so many datagrams a second to each, in turn of one flow, which is there as long as this lasts, and of one of
   * this very moment, and writes to a connection that lasts as long as it can; 0: ends that.
   */
  | { do: 'flood'; targets: readonly Target[]; perSecond: number }
  /** Answers with when which stream was heard since it was asked last. */
  | { do: 'hear' }
  /**
   * Asks a server so many times a second for the address of a name in a domain, each time of another one and only once,
   * until the next such order; answers with what came of it since the last one. 0: asks no more.
   */
  | { do: 'look up'; server: string; domain: string; perSecond: number };

/** For each target what was reached of it. */
export type Reached = Record<Protocol, boolean>[];

/** Milliseconds since 1970, of each stream: `FROM→TO FAMILY`. */
export type Heard = Record<string, number[]>;

/** How many names were asked for, and why how many of them are not known. */
export interface LookUps {
  asked: number;
  lost: Record<string, number>;
}
