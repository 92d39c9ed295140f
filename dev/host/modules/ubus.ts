import type { Ask } from '../link.ts';
import type { Guard, Loop } from '../loop.ts';
import { parseTyped } from '../json.ts';
import { status, type Answer } from '../system/bus.ts';
import type { Calls } from '../system/system.ts';
import {
  Double,
  Resource,
  isCallable,
  isTable,
  table,
  toInteger,
  toJson,
  typeName,
  type Table
} from '../values.ts';

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
    ...Object.fromEntries(texts.map(([name], i) => [`STATUS_${name}`, i])),
    STATUS_CONTINUE: -1,
    SYSTEM_OBJECT_ACL: 3
  };
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
    const args = Object.entries(known).map(([method, definition]): [string, Record<string, string>] => [
      method,
      signatureOf(definition as Table)
    ]);
    const id = this.#ask('publish', name, Object.fromEntries(args));
    const object = new PublishedObject(this.#ask, this.#loop, id, name);
    object.onHappening((happening) => {
      if (happening.kind === 'subscribed' && happening.object === id) {
        if (isCallable(subscribed)) this.#guard.run(() => subscribed.call(object, happening.active));
        return true;
      }
      if (happening.kind !== 'invoke' || happening.object !== id) return false;
      const { call, method, data } = happening;
      this.#invoke(object, known[method] as Table | undefined, { call, method, data, id, name });
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
    definition: Table | undefined,
    { call, method, data, id, name }: { call: number; method: string; data: string; id: number; name: string }
  ): void {
    const end = (code: number): void => {
      this.#ask('answer', call, { status: code, data: null });
    };
    if (!definition) {
      end(status.methodNotFound);
      return;
    }
    const typed = parseTyped(data) as Table;
    const wanted = signatureOf(definition);
    if (Object.entries(typed).some(([key, value]) => wanted[key] !== blobType(value))) {
      end(status.invalidArgument);
      return;
    }
    const acl = table({ user: 'root', group: 'root', object: name });
    const info = table({ acl, object: table({ id, name }), method });
    const request = new Request(this.#ask, call, plain(typed) as Table, { info });
    this.#guard.run(() => {
      try {
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

class Request extends Resource {
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
    const valid = code >= 0 && code < texts.length ? code : status.unknown;
    this.#ask('answer', this.#call, { status: valid, data: isTable(data) ? messageOf(data) : null });
  }
}

class Deferred extends Resource {
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
class Registered extends Resource {
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

class PublishedObject extends Registered {
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

class Subscriber extends Resource {
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

/** Names and texts, by their number. */
const texts: readonly [name: string, text: string][] = [
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

function takeError(last: Last, numeric: unknown): string | number | null {
  const { status: code, detail } = last;
  last.status = 0;
  if (code === 0) return null;
  return numeric ? code : [texts[code]?.[1] ?? '', detail].filter((part) => part !== '').join(': ');
}

/** Method arguments' types, as `ubus list` names them. */
function signatureOf(definition: Table): Record<string, string> {
  const args = isTable(definition['args']) ? definition['args'] : {};
  return Object.fromEntries(Object.entries(args).map(([name, example]) => [name, hintedType(example)]));
}

function hintedType(example: unknown): string {
  if (typeof example !== 'number') return blobType(example);
  if (!Number.isInteger(example)) return 'double';
  return { 8: 'int8', 16: 'int16', 64: 'int64' }[example] ?? 'int32';
}

/** With the numbers that the bus has for the types. */
function numbered(args: Readonly<Record<string, string>>): Table {
  const types = ['', 'array', 'table', 'string', 'int64', 'int32', 'int16', 'int8', 'double'];
  return table(Object.fromEntries(Object.entries(args).map(([name, type]) => [name, types.indexOf(type)])));
}

/** A boolean is a byte on the bus. */
function blobType(value: unknown): string {
  switch (typeName(value)) {
    case 'bool':
      return 'int8';
    case 'int':
      return Math.abs(value as number) < 2 ** 31 || value === -(2 ** 31) ? 'int32' : 'int64';
    case 'object':
      return 'table';
    default:
      return typeName(value) ?? 'null';
  }
}

/** As JSON, without what the bus does not carry. */
function messageOf(data: unknown): string {
  if (!isTable(data)) return '{}';
  const entries = Object.entries(data).filter(
    ([, value]) => !['function', 'resource', 'regexp'].includes(typeName(value) ?? '')
  );
  return toJson(table(Object.fromEntries(entries)));
}

function dataOf({ data }: Answer): Table | null {
  return data === null ? null : (plain(parseTyped(data)) as Table);
}

function plain(value: unknown): unknown {
  if (value instanceof Double) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  for (const [key, member] of Object.entries(value)) value[key] = plain(member);
  return value;
}
