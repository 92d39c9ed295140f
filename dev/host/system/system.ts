import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { constants } from 'node:os';
import { errno } from '../errno.ts';
import { Bus, status, type Answer } from './bus.ts';
import { findPeer, type Peer } from './peer.ts';
import { Listener, Stream, type Address, type Readiness } from './streams.ts';

/**
 * What a program finds outside itself, in the main thread: sockets, processes, the bus, and the wait for any of
 * them. The methods of `calls` are those that its thread asks for (see `link.ts`).
 */
export type Calls = System['calls'];

/** What has happened that a program did not wait for. */
export type Happening =
  | { kind: 'exit'; pid: number; code: number }
  | { kind: 'signal'; signal: number }
  | { kind: 'invoke'; object: number; call: number; method: string; data: string }
  | { kind: 'answer'; call: number; answer: Answer }
  | { kind: 'heard'; hearer: number; type: string; data: string }
  | { kind: 'subscribed'; object: number; active: boolean };

/** A descriptor, and what to wait for. */
export interface Watched {
  descriptor: number;
  read: boolean;
  write: boolean;
}

/** What is there to be done with one of those that were waited for. */
export interface Ready extends Readiness {
  /** Its place in the list. */
  index: number;
}

export class System {
  readonly #bus: Bus;
  readonly #write: (descriptor: number, bytes: string) => void;
  readonly #open = new Map<number, Stream | Listener>();
  readonly #children = new Map<number, ChildProcess>();
  readonly #happened: Happening[] = [];
  readonly #undo = new Map<number, () => void>();
  readonly #unanswered = new Map<number, (answer: Answer) => void>();
  #last = 1000;
  #wake: () => void = () => undefined;

  /** `write` gets what the program prints. */
  constructor(bus: Bus, write: (descriptor: number, bytes: string) => void) {
    this.#bus = bus;
    this.#write = write;
  }

  /** As `kill` does; `signal` such as SIGHUP. */
  signal(signal: NodeJS.Signals): void {
    this.#happen({ kind: 'signal', signal: constants.signals[signal] });
  }

  /** Closes all that the program has left open. */
  end(): void {
    for (const undo of this.#undo.values()) undo();
    for (const stream of this.#open.values()) stream.close();
    for (const answer of this.#unanswered.values()) answer({ status: status.timeout, data: null });
    this.#open.clear();
  }

  readonly calls = {
    write: (descriptor: number, bytes: string): void => {
      this.#write(descriptor, bytes);
    },

    socket: (): number =>
      this.#add(
        new Stream(() => {
          this.#wake();
        })
      ),

    connect: (descriptor: number, address: Address, patience: number): Promise<number> => {
      const stream = this.#open.get(descriptor);
      return Promise.resolve(stream instanceof Stream ? stream.connect(address, patience) : -errno.EBADF);
    },

    listen: async (descriptor: number, address: Address): Promise<number> => {
      const listener = new Listener(() => {
        this.#wake();
      });
      const result = await listener.listen(address);
      if (result === 0) this.#open.set(descriptor, listener);
      return result;
    },

    accept: async (descriptor: number): Promise<number> => {
      const listener = this.#open.get(descriptor);
      if (!(listener instanceof Listener)) return -errno.EINVAL;
      if (!listener.readiness().readable) await lookAgain();
      const stream = listener.accept();
      return stream ? this.#add(stream) : -errno.EAGAIN;
    },

    recv: async (descriptor: number, size: number): Promise<string | number> => {
      const stream = this.#open.get(descriptor);
      if (!(stream instanceof Stream)) return -errno.EBADF;
      if (!stream.readiness().readable) await lookAgain();
      return stream.recv(size);
    },

    send: (descriptor: number, bytes: string): Promise<number> => {
      const stream = this.#open.get(descriptor);
      return Promise.resolve(stream instanceof Stream ? stream.send(bytes) : -errno.EBADF);
    },

    shutdown: (descriptor: number): void => {
      const stream = this.#open.get(descriptor);
      if (stream instanceof Stream) stream.shutdown();
    },

    close: (descriptor: number): void => {
      this.#open.get(descriptor)?.close();
      this.#open.delete(descriptor);
    },

    ends: (descriptor: number): { local?: Address; remote?: Address } => {
      const open = this.#open.get(descriptor);
      if (!open) return {};
      return open instanceof Listener ? { local: open.address() } : open.ends();
    },

    peer: (descriptor: number): Peer | null => {
      const stream = this.#open.get(descriptor);
      const path = stream instanceof Stream ? stream.path() : null;
      return path === null ? null : findPeer(path);
    },

    /**
     * Waits until one of the descriptors is ready, the time is over (milliseconds; -1: never), or, if it is to
     * `listen`, something else has happened.
     */
    wait: async (
      watched: readonly Watched[],
      timeout: number,
      listen: boolean
    ): Promise<{ ready: Ready[]; happened: Happening[] }> => {
      await lookAgain();
      const until = timeout < 0 ? Infinity : performance.now() + timeout;
      for (;;) {
        const ready = this.#ready(watched);
        if (ready.length > 0 || (listen && this.#happened.length > 0) || performance.now() >= until)
          return { ready, happened: listen ? this.#happened.splice(0) : [] };
        await this.#sleep(until - performance.now());
        await lookAgain();
      }
    },

    /** Starts a program; its end happens. `input` and `output` are descriptors of ours for its other side, if wanted. */
    spawn: (
      command: string,
      args: readonly string[],
      environment: Readonly<Record<string, string>>,
      pipe: 'input' | 'output' | 'none'
    ): { pid: number; descriptor: number } => this.#spawn(command, args, environment, pipe),

    /** Waits for a program's end. */
    waitFor: (pid: number): Promise<number> => {
      const child = this.#children.get(pid);
      if (!child) return Promise.resolve(-errno.ECHILD);
      return new Promise((resolve) => {
        this.#whenOver(child, resolve);
      });
    },

    publish: (name: string, signature: Record<string, Record<string, string>>): number => {
      const object = ++this.#last;
      const undo = this.#bus.publish(name, {
        signature,
        invoke: (method, data) =>
          new Promise((resolve) => {
            const call = ++this.#last;
            this.#unanswered.set(call, resolve);
            this.#happen({ kind: 'invoke', object, call, method, data });
          }),
        subscribed: (active) => {
          this.#happen({ kind: 'subscribed', object, active });
        }
      });
      this.#undo.set(object, undo);
      return object;
    },

    answer: (call: number, answer: Answer): void => {
      this.#unanswered.get(call)?.(answer);
      this.#unanswered.delete(call);
    },

    list: (pattern?: string) => this.#bus.list(pattern),

    invoke: (name: string, method: string, data: string, timeoutMs: number): Promise<Answer> =>
      this.#bus.invoke(name, method, data, timeoutMs),

    /** As `invoke`, but the answer happens. Returns the call's number. */
    defer: (name: string, method: string, data: string): number => {
      const call = ++this.#last;
      void this.#bus.invoke(name, method, data).then((answer) => {
        this.#happen({ kind: 'answer', call, answer });
      });
      return call;
    },

    event: (type: string, data: string): void => {
      this.#bus.send(type, data);
    },

    listenTo: (pattern: string): number => this.#hear((hear) => this.#bus.listen(pattern, hear)),

    subscribeTo: (pattern: string): number => this.#hear((hear) => this.#bus.subscribe(pattern, hear)),

    hasSubscriber: (name: string): boolean => this.#bus.hasSubscriber(name),

    notify: (name: string, type: string, data: string): void => {
      this.#bus.notify(name, type, data);
    },

    /** Takes away what was published, or ends what listens. */
    remove: (id: number): void => {
      this.#undo.get(id)?.();
      this.#undo.delete(id);
    }
  };

  #add(stream: Stream): number {
    this.#open.set(++this.#last, stream);
    return this.#last;
  }

  #ready(watched: readonly Watched[]): Ready[] {
    return watched.flatMap(({ descriptor, read, write }, index) => {
      const readiness = this.#open.get(descriptor)?.readiness();
      if (!readiness) return [];
      const { readable, writable, over } = readiness;
      const wanted = { ...readiness, readable: readable && read, writable: writable && write };
      return wanted.readable || wanted.writable || over ? [{ index, ...wanted }] : [];
    });
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === Infinity ? undefined : setTimeout(resolve, Math.ceil(milliseconds));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #happen(happening: Happening): void {
    this.#happened.push(happening);
    this.#wake();
  }

  #hear(start: (hear: (type: string, data: string) => void) => () => void): number {
    const hearer = ++this.#last;
    const stop = start((type, data) => {
      this.#happen({ kind: 'heard', hearer, type, data });
    });
    this.#undo.set(hearer, stop);
    return hearer;
  }

  #spawn(
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    pipe: 'input' | 'output' | 'none'
  ): { pid: number; descriptor: number } {
    const child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    child.on('error', () => undefined);
    const pid = child.pid ?? ++this.#last;
    this.#children.set(pid, child);
    const print = (from: Readable, descriptor: number): void => {
      from.on('data', (chunk: Buffer) => {
        this.#write(descriptor, chunk.toString('latin1'));
      });
    };
    print(child.stderr, 2);
    if (pipe !== 'output') print(child.stdout, 1);
    if (pipe !== 'input') child.stdin.end();
    const stream = new Stream(() => {
      this.#wake();
    });
    if (pipe === 'output') stream.attach(child.stdout, undefined);
    if (pipe === 'input') stream.attach(undefined, child.stdin);
    this.#whenOver(child, (code) => {
      this.#happen({ kind: 'exit', pid, code });
    });
    return { pid, descriptor: this.#add(stream) };
  }

  /** Minus the signal that ended it; 255 if it could not be started. */
  #whenOver(child: ChildProcess, tell: (code: number) => void): void {
    const over = (): void => {
      if (child.pid === undefined) tell(255);
      else tell(child.exitCode ?? -constants.signals[child.signalCode ?? 'SIGKILL']);
    };
    if (child.exitCode !== null || child.signalCode !== null) over();
    else child.once('exit', over).once('error', over);
  }
}

/** Lets Node notice what the kernel has by now: first what came, then that nothing more will. */
async function lookAgain(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise(setImmediate);
}
