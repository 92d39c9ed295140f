import { parseTyped } from '../json.ts';
import type { Ask } from '../link.ts';
import type { Guard, Loop } from '../loop.ts';
import { status, statuses } from '../system/bus.ts';
import type { Calls } from '../system/system.ts';
import { Resource, isCallable, isTable, table, toInteger, type Table } from '../values.ts';
import { blobType, dataOf, messageOf, numbered, plain, signatureOf } from './ubus-message.ts';
import { Deferred, PublishedObject, Registered, Request, Subscriber } from './ubus-objects.ts';

type Callback = (...args: unknown[]) => unknown;

/** ucode's `ubus`, without descriptors and channels. Every program has one connection. */
export function makeUbus(ask: Ask<Calls>, loop: Loop, guard: Guard): object {
  const last: Last = { status: 0, detail: '' };
  const connect = (_socket?: unknown, timeout?: unknown): Connection =>
    new Connection(ask, loop, guard, last, timeout == null ? 30 : toInteger(timeout));
  return {
    connect,
    guard: (...args: unknown[]) => guard.set(...args),
    error: (numeric?: unknown) => takeError(last, numeric),
    ...Object.fromEntries(statuses.map(([name], i) => [`STATUS_${name}`, i])),
    STATUS_CONTINUE: -1,
    SYSTEM_OBJECT_ACL: 3
  };
}

/** A call of a method of an object, by their numbers, and the object's name. */
interface Invocation {
  object: number;
  call: number;
  method: string;
  data: string;
  name: string;
}

interface Last {
  status: number;
  detail: string;
}

class Connection extends Resource {
  readonly #ask: Ask<Calls>;
  readonly #loop: Loop;
  readonly #guard: Guard;
  readonly #last: Last;
  readonly #timeout: number;

  constructor(ask: Ask<Calls>, loop: Loop, guard: Guard, last: Last, timeout: number) {
    super();
    this.#ask = ask;
    this.#loop = loop;
    this.#guard = guard;
    this.#last = last;
    this.#timeout = timeout;
  }

  list(pattern?: unknown): unknown[] | null {
    const found = this.#ask('list', typeof pattern === 'string' ? pattern : undefined);
    if (pattern == null) return this.#done(found.map(([name]) => name));
    if (found.length === 0) return this.#fail(status.notFound);
    return this.#done(
      found.map(([, signature]) =>
        table(Object.fromEntries(Object.entries(signature).map(([method, args]) => [method, numbered(args)])))
      )
    );
  }

  call(object: unknown, method?: unknown, data?: unknown, mode?: unknown): unknown {
    if (isTable(object))
      return this.call(object['object'], object['method'], object['data'], object['return']);
    if (typeof object !== 'string' || typeof method !== 'string') return this.#fail(status.invalidArgument);
    const answer = this.#ask('invoke', object, method, messageOf(data), this.#timeout * 1000);
    if (answer.status === status.notFound && this.#ask('list', object).length === 0)
      return this.#unknown(object);
    if (answer.status !== status.ok)
      return this.#fail(answer.status, `Failed to invoke function '${method}' on object '${object}'`);
    const reply = dataOf(answer);
    return this.#done(mode === 'multiple' || mode === true ? [reply] : reply);
  }

  defer(object: unknown, method?: unknown, data?: unknown, callback?: unknown, message?: unknown): unknown {
    if (isTable(object)) {
      const { data_cb: each, cb } = object;
      return this.defer(object['object'], object['method'], object['data'], cb, each);
    }
    if (typeof object !== 'string' || typeof method !== 'string') return this.#fail(status.invalidArgument);
    if (this.#ask('list', object).length === 0) return this.#unknown(object);
    const call = this.#ask('defer', object, method, messageOf(data));
    const deferred = new Deferred(this.#loop, call, (answer) => {
      // An exception in it vanishes.
      const quiet = (act: unknown, ...args: unknown[]): void => {
        try {
          if (isCallable(act)) act(...args);
        } catch {
          // As on a router.
        }
      };
      const reply = dataOf(answer);
      if (message != null && reply) quiet(message, reply);
      quiet(callback, answer.status, message == null ? reply : null);
    });
    return this.#done(deferred);
  }

  publish(name: unknown, methods?: unknown, subscribed?: unknown): unknown {
    if (typeof name !== 'string' || (!isTable(methods) && !isCallable(subscribed)))
      return this.#fail(status.invalidArgument);
    const known = isTable(methods) ? methods : table();
    if (Object.values(known).some((method) => !isTable(method) || !isCallable(method['call'])))
      return this.#fail(status.invalidArgument);
    // What the methods take is told now, whatever becomes of the table.
    const signature = Object.fromEntries(
      Object.entries(known).map(([method, definition]) => [method, signatureOf(definition as Table)])
    );
    const id = this.#ask('publish', name, signature);
    const object = new PublishedObject(this.#ask, this.#loop, id, name);
    object.onHappening((happening) => {
      if (happening.kind === 'subscribed' && happening.object === id) {
        if (isCallable(subscribed)) this.#guard.run(() => subscribed.call(object, happening.active));
        return true;
      }
      if (happening.kind !== 'invoke' || happening.object !== id) return false;
      this.#invoke(object, { ...happening, name }, known, signature);
      return true;
    });
    return this.#done(object);
  }

  remove(what: unknown): boolean | null {
    if (!(what instanceof Registered)) return this.#fail(status.invalidArgument);
    return what.remove();
  }

  listener(pattern: unknown, callback: unknown): unknown {
    if (typeof pattern !== 'string' || !isCallable(callback)) return this.#fail(status.invalidArgument);
    const listener = new Registered(this.#ask, this.#loop, this.#ask('listenTo', pattern));
    listener.onHeard((type, data) => {
      this.#guard.run(() => callback(type, data));
    });
    return this.#done(listener);
  }

  subscriber(notified: unknown, _removed?: unknown, patterns?: unknown): unknown {
    const subscriber = new Subscriber(this.#ask, this.#loop, (type, data) => {
      const notification = new Request(this.#ask, null, table(), { type, data });
      if (isCallable(notified)) this.#guard.run(() => notified(notification));
    });
    if (Array.isArray(patterns)) for (const pattern of patterns) subscriber.subscribe(pattern);
    return this.#done(subscriber);
  }

  event(type: unknown, data?: unknown): true | null {
    if (typeof type !== 'string') return this.#fail(status.invalidArgument);
    this.#ask('event', type, messageOf(data));
    return this.#done(true);
  }

  disconnect(): true {
    return true;
  }

  error(numeric?: unknown): unknown {
    return takeError(this.#last, numeric);
  }

  #invoke(
    object: PublishedObject,
    { object: id, call, method, data, name }: Invocation,
    known: Table,
    signature: Readonly<Record<string, Readonly<Record<string, string>>>>
  ): void {
    const end = (code: number): void => {
      this.#ask('answer', call, { status: code, data: null });
    };
    const wanted = signature[method];
    if (!wanted) {
      end(status.methodNotFound);
      return;
    }
    const typed = parseTyped(data) as Table;
    if (Object.entries(typed).some(([key, value]) => wanted[key] !== blobType(value))) {
      end(status.invalidArgument);
      return;
    }
    const acl = table({ user: 'root', group: 'root', object: name });
    const info = table({ acl, object: table({ id, name }), method });
    const request = new Request(this.#ask, call, plain(typed) as Table, { info });
    this.#guard.run(() => {
      try {
        const definition = known[method] as Table;
        request.finish((definition['call'] as Callback).call(object, request));
      } catch (error) {
        end(status.unknown);
        throw error;
      }
    });
  }

  #done<T>(value: T): T {
    this.#last.status = 0;
    return value;
  }

  #fail(code: number, detail = ''): null {
    Object.assign(this.#last, { status: code, detail });
    return null;
  }

  #unknown(object: string): null {
    return this.#fail(status.notFound, `Failed to resolve object name '${object}'`);
  }
}

function takeError(last: Last, numeric: unknown): string | number | null {
  const { status: code, detail } = last;
  last.status = 0;
  if (code === 0) return null;
  return numeric ? code : [statuses[code]?.[1] ?? '', detail].filter((part) => part !== '').join(': ');
}
