import { parseTyped } from '../json.ts';
import type { Ask } from '../link.ts';
import type { Loop } from '../loop.ts';
import { status, statuses, type Answer } from '../system/bus.ts';
import type { Calls } from '../system/system.ts';
import { Resource, isTable, toInteger, typeName, type Table } from '../values.ts';
import { messageOf, plain } from './ubus-message.ts';

/** What the functions of ucode's `ubus` return and hand on. */

export class Request extends Resource {
  readonly args: Table;
  readonly info: unknown;
  readonly type: unknown;
  readonly data: unknown;
  readonly #ask: Ask<Calls>;
  readonly #call: number | null;
  #replied = false;
  #deferred = false;

  constructor(
    ask: Ask<Calls>,
    call: number | null,
    args: Table,
    about: { info?: unknown; type?: unknown; data?: unknown }
  ) {
    super();
    this.#ask = ask;
    this.#call = call;
    this.args = args;
    this.info = about.info ?? null;
    this.type = about.type ?? null;
    this.data = about.data ?? null;
  }

  reply(data: unknown, code?: unknown): true | null {
    if (this.#replied) return null;
    this.#answer(code == null ? 0 : toInteger(code), data);
    return true;
  }

  error(code: unknown): true | null {
    if (this.#replied) return null;
    this.#answer(toInteger(code), null);
    return true;
  }

  defer(): true | null {
    if (this.#replied) return null;
    this.#deferred = true;
    return true;
  }

  /** With what the method returned. */
  finish(result: unknown): void {
    if (this.#replied || result instanceof Deferred) return;
    if (isTable(result)) this.#answer(0, result);
    else if (!this.#deferred)
      this.#answer(typeName(result) === 'int' ? (result as number) : status.noData, null);
  }

  #answer(code: number, data: unknown): void {
    this.#replied = true;
    if (this.#call === null) return;
    const valid = code >= 0 && code < statuses.length ? code : status.unknown;
    this.#ask('answer', this.#call, { status: valid, data: isTable(data) ? messageOf(data) : null });
  }
}

export class Deferred extends Resource {
  readonly #forget: () => void;
  #over = false;

  constructor(loop: Loop, call: number, answered: (answer: Answer) => void) {
    super();
    this.#forget = loop.hear((happening) => {
      if (happening.kind !== 'answer' || happening.call !== call) return false;
      this.abort();
      answered(happening.answer);
      return true;
    });
  }

  completed(): boolean {
    return this.#over;
  }

  abort(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#forget();
    return true;
  }
}

/** What the bus knows by a number, until it is removed. */
export class Registered extends Resource {
  protected readonly ask: Ask<Calls>;
  readonly #loop: Loop;
  readonly #id: number;
  #forget: () => void = () => undefined;

  constructor(ask: Ask<Calls>, loop: Loop, id: number) {
    super();
    this.ask = ask;
    this.#loop = loop;
    this.#id = id;
  }

  onHappening(hear: Parameters<Loop['hear']>[0]): void {
    this.#forget = this.#loop.hear(hear);
  }

  onHeard(heard: (type: string, data: Table) => void): void {
    this.onHappening((happening) => {
      if (happening.kind !== 'heard' || happening.hearer !== this.#id) return false;
      heard(happening.type, plain(parseTyped(happening.data)) as Table);
      return true;
    });
  }

  remove(): true {
    this.ask('remove', this.#id);
    this.#forget();
    return true;
  }
}

export class PublishedObject extends Registered {
  readonly #name: string;

  constructor(ask: Ask<Calls>, loop: Loop, id: number, name: string) {
    super(ask, loop, id);
    this.#name = name;
  }

  subscribed(): boolean {
    return this.ask('hasSubscriber', this.#name);
  }

  /** Nobody answers a notification here. */
  notify(type: unknown, data?: unknown): unknown {
    if (isTable(type)) return this.notify(type['type'], type['data']);
    this.ask('notify', this.#name, String(type), messageOf(data));
    return 0;
  }
}

export class Subscriber extends Resource {
  readonly #ask: Ask<Calls>;
  readonly #loop: Loop;
  readonly #notified: (type: string, data: Table) => void;
  readonly #subscriptions = new Map<unknown, Registered>();

  constructor(ask: Ask<Calls>, loop: Loop, notified: (type: string, data: Table) => void) {
    super();
    this.#ask = ask;
    this.#loop = loop;
    this.#notified = notified;
  }

  subscribe(object: unknown): true {
    const subscription = new Registered(this.#ask, this.#loop, this.#ask('subscribeTo', String(object)));
    subscription.onHeard(this.#notified);
    this.#subscriptions.set(object, subscription);
    return true;
  }

  unsubscribe(object: unknown): true | null {
    const removed = this.#subscriptions.get(object)?.remove() ?? null;
    this.#subscriptions.delete(object);
    return removed;
  }

  remove(): true {
    for (const subscription of this.#subscriptions.values()) subscription.remove();
    this.#subscriptions.clear();
    return true;
  }
}
