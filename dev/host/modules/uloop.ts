import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { errno, strerror } from '../errno.ts';
import type { Ask } from '../link.ts';
import type { Guard, Loop, Timeout, Watch } from '../loop.ts';
import type { Place } from '../place.ts';
import type { Calls } from '../system/system.ts';
import { Resource, isCallable, isTable, text, toInteger } from '../values.ts';
import { descriptorOf, unblock } from './socket.ts';

const ULOOP_BLOCKING = 8;

type Callback = (...args: unknown[]) => unknown;

/** ucode's `uloop`, without tasks: a thread cannot be forked. */
export function makeUloop(
  ask: Ask<Calls>,
  loop: Loop,
  guard: Guard,
  environment: Readonly<Record<string, string>>,
  place: Place
): object {
  /** A program of the router's, where its root has it. */
  const own = (path: string): string => {
    const real = place.real(path);
    return path.startsWith('/usr/libexec/') && existsSync(real) ? real : path;
  };
  let failure = 0;
  const invalid = (): null => {
    failure = errno.EINVAL;
    return null;
  };
  return {
    error: () => {
      const number = failure;
      failure = 0;
      return number === 0 ? null : strerror(number);
    },
    init: () => true,
    run: (timeout?: unknown) => loop.run(timeout == null ? -1 : toInteger(timeout)),
    running: () => loop.running(),
    cancelling: () => loop.cancelling(),
    end: () => {
      loop.end();
      return null;
    },
    done: () => null,
    guard: (...args: unknown[]) => guard.set(...args),
    timer: (timeout: unknown, callback: unknown) =>
      isCallable(callback) ? new Timer(loop, guard, toInteger(timeout ?? -1), callback) : invalid(),
    interval: (timeout: unknown, callback: unknown) =>
      isCallable(callback) ? new Interval(loop, guard, toInteger(timeout ?? -1), callback) : invalid(),
    handle: (file: unknown, callback: unknown, events: unknown) => {
      const descriptor = descriptorOf(file);
      if (descriptor === null || !isCallable(callback) || !events) return invalid();
      if ((toInteger(events) & ULOOP_BLOCKING) === 0) unblock(file);
      return new Handle(loop, guard, descriptor, file, callback, toInteger(events));
    },
    signal: (signal: unknown, callback: unknown) => {
      const number = signalNumber(signal);
      return number !== null && isCallable(callback) ? new Signal(loop, guard, number, callback) : invalid();
    },
    process: (program: unknown, args: unknown, env: unknown, callback: unknown) => {
      if (typeof program !== 'string' || !isCallable(callback)) return invalid();
      const variables = isTable(env) ? Object.entries(env).map(([name, value]) => [name, text(value)]) : null;
      const { pid } = ask(
        'spawn',
        own(program),
        Array.isArray(args) ? args.map(text).map(own) : [],
        variables ? (Object.fromEntries(variables) as Record<string, string>) : environment,
        'none'
      );
      return new Process(loop, guard, pid, callback);
    },
    ULOOP_READ: 1,
    ULOOP_WRITE: 2,
    ULOOP_EDGE_TRIGGER: 4,
    ULOOP_BLOCKING
  };
}

class Timer extends Resource {
  readonly #loop: Loop;
  readonly #timeout: Timeout;
  #cancelled = false;
  #armed = false;

  constructor(loop: Loop, guard: Guard, timeout: number, callback: Callback) {
    super();
    this.#loop = loop;
    this.#timeout = {
      at: 0,
      fire: () => {
        this.#armed = false;
        guard.run(() => callback());
      }
    };
    if (timeout >= 0) this.set(timeout);
  }

  /** -1, or nothing, fires at once. */
  set(timeout?: unknown): boolean {
    if (this.#cancelled) return true;
    this.#timeout.at = performance.now() + Math.max(toInteger(timeout ?? -1), 0);
    this.#armed = true;
    this.#loop.arm(this.#timeout);
    return true;
  }

  remaining(): number {
    return this.#armed ? Math.floor(this.#timeout.at - performance.now()) : -1;
  }

  cancel(): boolean {
    const was = this.#armed;
    this.#loop.disarm(this.#timeout);
    this.#armed = false;
    this.#cancelled = true;
    return was;
  }
}

class Interval extends Resource {
  readonly #loop: Loop;
  readonly #timeout: Timeout;
  #period = -1;
  #expirations = 0;

  constructor(loop: Loop, guard: Guard, period: number, callback: Callback) {
    super();
    this.#loop = loop;
    this.#timeout = {
      at: 0,
      fire: () => {
        const late = Math.floor((performance.now() - this.#timeout.at) / this.#period);
        this.#expirations += 1 + late;
        this.#timeout.at += (1 + late) * this.#period;
        loop.arm(this.#timeout);
        guard.run(() => callback());
      }
    };
    if (period >= 0) this.set(period);
  }

  /** 0 stops it, as of timerfd. */
  set(period?: unknown): boolean {
    this.#period = toInteger(period ?? -1);
    this.#loop.disarm(this.#timeout);
    if (this.#period <= 0) return this.#period === 0;
    this.#timeout.at = performance.now() + this.#period;
    this.#loop.arm(this.#timeout);
    return true;
  }

  remaining(): number {
    return this.#period > 0 ? Math.floor(this.#timeout.at - performance.now()) : -1;
  }

  expirations(): number {
    return this.#expirations;
  }

  cancel(): boolean {
    const was = this.#period > 0;
    this.#period = -1;
    this.#loop.disarm(this.#timeout);
    return was;
  }
}

class Handle extends Resource {
  readonly #loop: Loop;
  readonly #watch: Watch;
  readonly #file: unknown;

  constructor(
    loop: Loop,
    guard: Guard,
    descriptor: number,
    file: unknown,
    callback: Callback,
    events: number
  ) {
    super();
    this.#loop = loop;
    this.#file = file;
    this.#watch = {
      descriptor,
      read: (events & 1) !== 0,
      write: (events & 2) !== 0,
      ready: ({ read, write, end, failed }) => {
        guard.run(() => callback((read ? 1 : 0) | (write ? 2 : 0), end, failed));
      }
    };
    loop.watch(this.#watch);
  }

  fileno(): number {
    return this.#watch.descriptor;
  }

  handle(): unknown {
    return this.#file;
  }

  delete(): true {
    this.#loop.unwatch(this.#watch);
    return true;
  }
}

class Signal extends Resource {
  readonly #number: number;
  readonly #forget: () => void;

  constructor(loop: Loop, guard: Guard, number: number, callback: Callback) {
    super();
    this.#number = number;
    this.#forget = loop.hear((happening) => {
      if (happening.kind !== 'signal' || happening.signal !== number) return false;
      guard.run(() => callback());
      return true;
    });
  }

  signo(): number {
    return this.#number;
  }

  delete(): true {
    this.#forget();
    return true;
  }
}

class Process extends Resource {
  readonly #pid: number;
  readonly #forget: () => void;

  constructor(loop: Loop, guard: Guard, pid: number, callback: Callback) {
    super();
    this.#pid = pid;
    this.#forget = loop.hear((happening) => {
      if (happening.kind !== 'exit' || happening.pid !== pid) return false;
      this.#forget();
      guard.run(() => callback(Math.max(happening.code, 0)));
      return true;
    });
  }

  pid(): number {
    return this.#pid;
  }

  delete(): true {
    this.#forget();
    return true;
  }
}

function signalNumber(signal: unknown): number | null {
  if (typeof signal === 'number') return signal;
  const name = typeof signal === 'string' ? signal.toUpperCase().replace(/^(SIG)?/, 'SIG') : '';
  return (constants.signals as Readonly<Record<string, number>>)[name] ?? null;
}
