import { toBytes, fromBytes } from '../bytes.ts';

/**
 * The bus between programs, and between them and tests: what ubusd is on a router. Messages are JSON in bytes, so
 * that nothing is lost on the way.
 */

export const status = {
  ok: 0,
  invalidArgument: 2,
  methodNotFound: 3,
  notFound: 4,
  noData: 5,
  timeout: 7,
  unknown: 9
} as const;

/** The names and texts of all, by their number. */
export const statuses: readonly [name: string, text: string][] = [
  ['OK', 'Success'],
  ['INVALID_COMMAND', 'Invalid command'],
  ['INVALID_ARGUMENT', 'Invalid argument'],
  ['METHOD_NOT_FOUND', 'Method not found'],
  ['NOT_FOUND', 'Not found'],
  ['NO_DATA', 'No response'],
  ['PERMISSION_DENIED', 'Permission denied'],
  ['TIMEOUT', 'Request timed out'],
  ['NOT_SUPPORTED', 'Operation not supported'],
  ['UNKNOWN_ERROR', 'Unknown error'],
  ['CONNECTION_FAILED', 'Connection failed'],
  ['NO_MEMORY', 'Out of memory'],
  ['PARSE_ERROR', 'Parsing message data failed'],
  ['SYSTEM_ERROR', 'System error']
];

export interface Answer {
  status: number;
  /** JSON; null if there is none. */
  data: string | null;
}

/** What stands behind an object. */
export interface Provider {
  /** Method to argument to type, as `ubus list` shows it. */
  signature: Readonly<Record<string, Readonly<Record<string, string>>>>;
  invoke(method: string, data: string): Promise<Answer>;
  /** Whether somebody listens has changed. */
  subscribed?(active: boolean): void;
}

/** Who hears of events, or of what an object says. */
type Hear = (type: string, data: string) => void;

export class Bus {
  readonly #objects = new Map<string, Provider>();
  readonly #listeners = new Set<{ pattern: string; hear: Hear }>();
  readonly #subscribers = new Set<{ pattern: string; hear: Hear }>();

  /** Returns what takes it away again. */
  publish(name: string, provider: Provider): () => void {
    this.#objects.set(name, provider);
    this.#tell('ubus.object.add', name);
    return () => {
      if (this.#objects.get(name) !== provider) return;
      this.#objects.delete(name);
      this.#tell('ubus.object.remove', name);
    };
  }

  /** The objects whose names match. */
  list(pattern = '*'): [name: string, signature: Provider['signature']][] {
    return [...this.#objects]
      .filter(([name]) => matches(pattern, name))
      .map(([name, { signature }]) => [name, signature]);
  }

  async invoke(name: string, method: string, data: string, timeoutMs = 30_000): Promise<Answer> {
    const provider = this.#objects.get(name);
    if (!provider) return { status: status.notFound, data: null };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>((resolve) => {
      timer = setTimeout(() => {
        resolve({ status: status.timeout, data: null });
      }, timeoutMs);
    });
    try {
      return await Promise.race([provider.invoke(method, data), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  send(type: string, data: string): void {
    for (const { pattern, hear } of [...this.#listeners]) if (matches(pattern, type)) hear(type, data);
  }

  listen(pattern: string, hear: Hear): () => void {
    const listener = { pattern, hear };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** To what objects of these names say with `notify()`. */
  subscribe(pattern: string, hear: Hear): () => void {
    const subscriber = { pattern, hear };
    const objects = [...this.#objects].filter(([name]) => matches(pattern, name));
    const before = objects.map(([name]) => this.hasSubscriber(name));
    this.#subscribers.add(subscriber);
    objects.forEach(([, provider], i) => {
      if (before[i] === false) provider.subscribed?.(true);
    });
    return () => {
      this.#subscribers.delete(subscriber);
      for (const [name, provider] of objects) if (!this.hasSubscriber(name)) provider.subscribed?.(false);
    };
  }

  hasSubscriber(name: string): boolean {
    return [...this.#subscribers].some(({ pattern }) => matches(pattern, name));
  }

  notify(name: string, type: string, data: string): void {
    for (const { pattern, hear } of [...this.#subscribers]) if (matches(pattern, name)) hear(type, data);
  }

  // For tests: with JavaScript's values in the place of JSON.

  /** Offers an object; a number that a method returns is a status. */
  provide(
    name: string,
    methods: Readonly<Record<string, (args: Record<string, unknown>) => unknown>>
  ): () => void {
    return this.publish(name, {
      signature: Object.fromEntries(Object.keys(methods).map((method) => [method, {}])),
      invoke: async (method, data) => {
        const act = methods[method];
        if (!act) return { status: status.methodNotFound, data: null };
        const result = await act(JSON.parse(fromBytes(data)) as Record<string, unknown>);
        if (typeof result === 'number') return { status: result, data: null };
        return { status: status.ok, data: toBytes(JSON.stringify(result ?? {})) };
      }
    });
  }

  async call(name: string, method: string, args: object = {}): Promise<{ status: number; data: unknown }> {
    const answer = await this.invoke(name, method, toBytes(JSON.stringify(args)));
    return { status: answer.status, data: answer.data === null ? null : JSON.parse(fromBytes(answer.data)) };
  }

  event(type: string, data: object = {}): void {
    this.send(type, toBytes(JSON.stringify(data)));
  }

  #tell(type: string, path: string): void {
    this.send(type, JSON.stringify({ path }));
  }
}

/** A trailing `*` stands for anything. */
function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
