import type { Ask } from './link.ts';
import type { Calls, Happening, Watched } from './system/system.ts';

/** The event loop of a program's thread, as libubox has it: timers first, then one event, and so on. */
export class Loop {
  readonly #ask: Ask<Calls>;
  readonly #timers: Timeout[] = [];
  readonly #watches: Watch[] = [];
  readonly #hearers: ((happening: Happening) => boolean)[] = [];
  #status = 0;
  #ended = false;
  #depth = 0;

  constructor(ask: Ask<Calls>) {
    this.#ask = ask;
  }

  /** Runs until `end()`; with a timeout of 0 or more (milliseconds) once, waiting at most that long. */
  run(timeout: number): number {
    this.#status = 0;
    this.#ended = false;
    this.#depth++;
    let queue: (() => void)[] = [];
    try {
      do {
        this.#fire();
        if (this.#stopped()) break;
        if (queue.length === 0) queue = this.#events(timeout);
        queue.shift()?.();
      } while (!this.#stopped() && (timeout < 0 || queue.length > 0));
    } finally {
      this.#depth--;
    }
    return this.#status;
  }

  /** What `run()` returns becomes `status`. */
  end(status = 0): void {
    this.#ended = true;
    this.#status = status;
  }

  running(): boolean {
    return this.#depth > 0;
  }

  cancelling(): boolean {
    return this.#depth > 0 && this.#ended;
  }

  /** `at`: of `performance.now()`. Of two at the same time the one that was set first comes first. */
  arm(timeout: Timeout): void {
    this.disarm(timeout);
    const next = this.#timers.findIndex(({ at }) => at > timeout.at);
    this.#timers.splice(next === -1 ? this.#timers.length : next, 0, timeout);
  }

  disarm(timeout: Timeout): void {
    remove(this.#timers, timeout);
  }

  watch(watch: Watch): void {
    this.#watches.push(watch);
  }

  unwatch(watch: Watch): void {
    remove(this.#watches, watch);
  }

  /** `hear` returns whether what happened was its. The one that came last is asked first. */
  hear(hear: (happening: Happening) => boolean): () => void {
    this.#hearers.unshift(hear);
    return () => {
      remove(this.#hearers, hear);
    };
  }

  #stopped(): boolean {
    return this.#ended;
  }

  #fire(): void {
    const now = performance.now();
    for (let first = this.#timers[0]; first && first.at <= now; first = this.#timers[0]) {
      this.#timers.shift();
      first.fire();
    }
  }

  /** What there is to be called, in its order. */
  #events(timeout: number): (() => void)[] {
    const [next] = this.#timers;
    const wait = [timeout, next ? Math.max(next.at - performance.now(), 0) : -1].filter(
      (limit) => limit >= 0
    );
    const watched = this.#watches.map(({ descriptor, read, write }) => ({ descriptor, read, write }));
    const { ready, happened } = this.#ask('wait', watched, wait.length > 0 ? Math.min(...wait) : -1, true);
    const before = [...this.#watches];
    const events = ready.map(({ index, readable, writable, end, over }) => () => {
      const watch = before[index];
      if (!watch || !this.#watches.includes(watch)) return;
      // The kernel tells it once more, and the loop drops it before it calls back.
      if (over) this.unwatch(watch);
      watch.ready({ read: readable, write: writable, end, failed: over });
    });
    const tell = (happening: Happening) => () => {
      this.#tell(happening);
    };
    return [...events, ...happened.map(tell)];
  }

  #tell(happening: Happening): void {
    for (const hear of [...this.#hearers]) if (hear(happening)) return;
    if (happening.kind === 'signal') this.end(happening.signal);
  }
}

export interface Timeout {
  at: number;
  fire: () => void;
}

export interface Watch extends Watched {
  ready: (events: { read: boolean; write: boolean; end: boolean; failed: boolean }) => void;
}

/** Who gets what callbacks throw; without a handler it goes on to whoever runs the loop. */
export class Guard {
  handler: ((exception: unknown) => unknown) | null = null;
  /** As of ucode's `guard()`. */
  set(...args: unknown[]): unknown {
    const [handler] = args;
    if (args.length === 0) return this.handler;
    this.handler = typeof handler === 'function' ? (handler as (exception: unknown) => unknown) : null;
    return true;
  }

  run(act: () => unknown): void {
    try {
      act();
    } catch (error) {
      if (!this.handler) throw error;
      this.handler(error);
    }
  }
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at !== -1) list.splice(at, 1);
}
