import { existsSync, renameSync } from 'node:fs';
import net from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { errno, errnoOf } from '../errno.ts';

/** What is on the other side of a descriptor, with the kernel's way to read and write. */

/** Where a socket is, or goes to. */
export type Address = { path: string } | { host: string; port: number };

export interface Readiness {
  readable: boolean;
  writable: boolean;
  /** The other side sends no more. */
  end: boolean;
  /** Nothing will ever come or go any more. */
  over: boolean;
}

/** About as much as a socket of the kernel's holds. */
const capacity = 212_992;

/** A negative number is an error's. */
export class Stream {
  #readable: Readable | undefined;
  #writable: Writable | undefined;
  #received = '';
  #ended = false;
  #failure = 0;
  #connecting = false;
  #shut = false;
  #target: Address | null = null;
  readonly #changed: () => void;

  /** `changed` is called whenever the stream's readiness may have. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  attach(readable: Readable | undefined, writable: Writable | undefined): this {
    this.#readable = readable;
    this.#writable = writable;
    const failed = (error: Error): void => {
      this.#failure = errnoOf(error);
      this.#changed();
    };
    readable
      ?.on('data', (chunk: Buffer) => {
        this.#received += chunk.toString('latin1');
        if (this.#received.length >= capacity) readable.pause();
        this.#changed();
      })
      .on('end', () => {
        this.#ended = true;
        this.#changed();
      })
      .on('error', failed);
    writable?.on('drain', this.#changed).on('error', failed);
    return this;
  }

  /** `patience`: milliseconds after which it goes on by itself; Infinity to wait for the end. */
  connect(address: Address, patience: number): Promise<number> {
    if (this.#readable) return Promise.resolve(-errno.EISCONN);
    this.#target = address;
    return new Promise((resolve) => {
      const socket = net.connect({ ...address, allowHalfOpen: true } as net.NetConnectOpts);
      this.#connecting = true;
      const settle = (result: number): void => {
        clearTimeout(timer);
        this.#connecting = false;
        this.#changed();
        resolve(result);
      };
      const timer =
        patience === Infinity
          ? undefined
          : setTimeout(() => {
              resolve(-errno.EINPROGRESS);
            }, patience);
      socket.once('connect', () => {
        settle(0);
      });
      socket.once('error', (error) => {
        if (!this.#connecting) return;
        this.#readable = this.#writable = undefined;
        settle(-errnoOf(error));
      });
      this.attach(socket, socket);
    });
  }

  recv(size: number): string | number {
    if (!this.#readable) return this.#failure === 0 ? -errno.ENOTCONN : -this.#failure;
    if (this.#received === '') return this.#ended ? '' : -(this.#failure || errno.EAGAIN);
    const taken = this.#received.slice(0, size);
    this.#received = this.#received.slice(taken.length);
    if (this.#received.length < capacity) this.#readable.resume();
    return taken;
  }

  async send(bytes: string): Promise<number> {
    if (!this.#writable) return -errno.ENOTCONN;
    if (this.#connecting) return -errno.EAGAIN;
    if (this.#shut || this.#writable.destroyed) return -errno.EPIPE;
    const room = capacity - this.#writable.writableLength;
    if (room <= 0) return -errno.EAGAIN;
    const piece = bytes.slice(0, room);
    this.#writable.write(Buffer.from(piece, 'latin1'));
    // What the kernel says at once is known by then.
    await new Promise(setImmediate);
    return this.#failure === 0 ? piece.length : -this.#failure;
  }

  shutdown(): void {
    this.#shut = true;
    this.#writable?.end();
  }

  close(): void {
    // What was sent still arrives, and what fails then is nobody's any more.
    this.#readable
      ?.removeAllListeners('data')
      .on('error', () => undefined)
      .resume();
    if (this.#writable && !this.#writable.destroyed) {
      this.#writable.end(() => this.#readable?.destroy());
    } else this.#readable?.destroy();
  }

  readiness(): Readiness {
    const failed = this.#failure !== 0;
    return {
      readable: this.#received !== '' || this.#ended || failed,
      writable:
        failed ||
        (!this.#connecting && this.#writable !== undefined && this.#writable.writableLength < capacity),
      end: this.#ended,
      over: failed || (this.#ended && isLocal(this.#readable))
    };
  }

  /** The path that it has connected to. */
  path(): string | null {
    return this.#target && 'path' in this.#target ? this.#target.path : null;
  }

  /** The connection's ends: of what is not connected, none. */
  ends(): { local?: Address; remote?: Address } {
    const socket = this.#readable;
    if (!(socket instanceof net.Socket) || socket.remotePort === undefined) return {};
    const { localAddress = '', localPort = 0, remoteAddress = '', remotePort } = socket;
    return {
      local: { host: localAddress, port: localPort },
      remote: { host: remoteAddress, port: remotePort }
    };
  }
}

/** A socket that others connect to. */
export class Listener {
  readonly #waiting: Stream[] = [];
  readonly #server: net.Server;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#server = net.createServer({ allowHalfOpen: true }, (socket) => {
      this.#waiting.push(new Stream(changed).attach(socket, socket));
      this.#changed();
    });
  }

  listen(address: Address): Promise<number> {
    if ('path' in address) return this.#listenAt(address.path);
    return this.#listen(address);
  }

  /** Node removes the file that it made when it closes, and the kernel does not. */
  async #listenAt(path: string): Promise<number> {
    if (existsSync(path)) return -errno.EADDRINUSE;
    const result = await this.#listen({ path: `${path}.new` });
    if (result === 0) renameSync(`${path}.new`, path);
    return result;
  }

  #listen(address: Address): Promise<number> {
    return new Promise((resolve) => {
      this.#server
        .once('error', (error) => {
          resolve(-errnoOf(error));
        })
        .listen(address, () => {
          resolve(0);
        });
    });
  }

  accept(): Stream | undefined {
    return this.#waiting.shift();
  }

  close(): void {
    this.#server.close();
    for (const stream of this.#waiting) stream.close();
  }

  readiness(): Readiness {
    return { readable: this.#waiting.length > 0, writable: false, end: false, over: false };
  }

  address(): Address {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') return { path: address ?? '' };
    return { host: address.address, port: address.port };
  }
}

/** A unix socket's end is that of both directions as good as always; a pipe's always. */
function isLocal(readable: Readable | undefined): boolean {
  return !(readable instanceof net.Socket) || readable.remoteAddress === undefined;
}
