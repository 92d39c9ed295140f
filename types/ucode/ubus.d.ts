/**
 * OpenWrt's bus. Whatever fails returns null, and `error(true)` says why: one of STATUS_*. A message holds at most
 * 1 MiB; who sends more loses the connection.
 */
declare module 'ubus' {
  export type Data = Record<string, unknown>;

  /** One of STATUS_*. */
  export type Status = number;

  /** Arguments by name, as one object in the place of the list. */
  export interface CallOptions {
    object: string | number;
    method: string;
    data?: object;
    return?: 'single' | 'multiple' | 'ignore';
    /** Sent along. */
    fd?: number | { fileno(): number | null };
    /** Gets a descriptor that comes with the answer. */
    fd_cb?: (descriptor: number) => void;
  }

  export interface DeferOptions {
    object: string;
    method: string;
    data?: object;
    /** Called once, at the end. An exception in it vanishes without a trace. */
    cb?: (status: Status, reply: Data | null) => void;
    /** Called for each message. */
    data_cb?: (message: Data) => void;
    fd?: number | { fileno(): number | null };
    fd_cb?: (descriptor: number) => void;
  }

  export interface Connection {
    /**
     * All objects' names, or for one name (or pattern) their methods with the types of their arguments, by libubox's
     * numbers: 1 list, 2 table, 3 string, 4 int64, 5 int32, 6 int16, 7 int8 and boolean, 8 double.
     */
    list(): string[] | null;
    list(object: string): Record<string, Record<string, number>>[] | null;
    /** Waits for the answer, at most the connection's timeout. `multiple`: all messages, in a list. */
    call(object: string | number, method: string, data?: object | null): Data | null;
    call(
      object: string | number,
      method: string,
      data: object | null | undefined,
      mode: 'single' | 'ignore' | false
    ): Data | null;
    call(
      object: string | number,
      method: string,
      data: object | null | undefined,
      mode: 'multiple' | true
    ): Data[] | null;
    call(options: CallOptions): Data | Data[] | null;
    /**
     * Does not wait; needs a running uloop. If it cannot even be sent, `callback` is called at once and null is
     * returned; not called at all if there is no such object. An exception in it vanishes without a trace.
     */
    defer(
      object: string,
      method: string,
      data?: object | null,
      callback?: ((status: Status, reply: Data | null) => void) | null,
      message?: (message: Data) => void
    ): Deferred | null;
    defer(options: DeferOptions): Deferred | null;

    /**
     * Offers an object. It needs methods, or a callback for the first subscriber that comes and the last that
     * goes.
     */
    publish(
      name: string,
      methods?: Record<string, Method> | null,
      subscribed?: () => void
    ): PublishedObject | null;
    /** Calls back for events whose type matches; a trailing `*` stands for anything. */
    listener(pattern: string, callback: (type: string, data: Data) => void): Listener | null;
    event(type: string, data?: object): true | null;
    /**
     * For notifications. `removed` gets the id of an object that went. `patterns` subscribes to all objects whose
     * names match, now and later.
     */
    subscriber(
      notified: ((notification: Notification) => unknown) | null,
      removed?: ((id: number) => void) | null,
      patterns?: readonly string[]
    ): Subscriber | null;
    /** The same as its own `remove()`. */
    remove(what: PublishedObject | Listener | Subscriber): true | null;

    disconnect(): true | null;
    error(numeric?: false): string | null;
    error(numeric: true): Status | null;
  }

  /** A connection of two processes without ubusd, from `new_channel()` to `open_channel()`. */
  export interface Channel {
    request(method: string, data?: object | null): Data | null;
    request(method: string, data: object | null | undefined, mode: 'multiple' | true): Data[] | null;
    request(method: string, data: object | null | undefined, mode: 'single' | 'ignore' | false): Data | null;
    request(options: Omit<CallOptions, 'object'>): Data | Data[] | null;
    defer(
      method: string,
      data?: object | null,
      callback?: ((status: Status, reply: Data | null) => void) | null,
      message?: (message: Data) => void
    ): Deferred | null;
    defer(options: Omit<DeferOptions, 'object'>): Deferred | null;
    disconnect(): true | null;
    error(numeric?: false): string | null;
    error(numeric: true): Status | null;
  }

  /** A call that is under way. */
  export interface Deferred {
    /** Waits for its end. false if that was before. */
    await(): boolean | null;
    completed(): boolean | null;
    /** false if it was over. */
    abort(): boolean | null;
  }

  /**
   * What a method does. An object is the answer; a number is a status; a deferred call answers for it (within 10 s,
   * by `request.reply()`); anything else is STATUS_NO_DATA, unless `request.reply()` or `request.defer()` was called.
   */
  export interface Method {
    /**
     * Each argument's type, by an example: '' text, 0 int32, 64 int64, 16 int16, 8 int8, true boolean, 1.5 double,
     * [] list, {} table. An argument that is not named here, or of another type, is refused with
     * STATUS_INVALID_ARGUMENT; every argument may be missing.
     */
    args?: Record<string, unknown>;
    call: (request: Request) => unknown;
  }

  export interface Info {
    acl: { user: string | null; group: string | null; object?: string };
    object: { id: number; name?: string; path?: string };
    method?: string;
  }

  export interface Reply {
    /** Answers, and ends the call unless `status` is STATUS_CONTINUE. null if it is over. */
    reply(data: object | null, status?: Status): true | null;
    error(status: Status): true | null;
    /** The answer comes later. */
    defer(): true | null;
    /** What came with the request; -1 if nothing did. */
    get_fd(): number | null;
    set_fd(file: number | { fileno(): number | null }): true | null;
    /** Sends the other end of a channel along with the answer. `timeout` in seconds. */
    new_channel(
      callback?: ((request: ChannelRequest) => unknown) | null,
      disconnected?: (() => void) | null,
      timeout?: number
    ): Channel | null;
  }

  export interface Request extends Reply {
    args: Data;
    info: Info;
  }

  export interface Notification extends Reply {
    type: string;
    data: Data;
    info: Info;
  }

  export interface ChannelRequest extends Reply {
    args: Data;
    type?: string;
  }

  export interface NotifyOptions {
    type: string;
    data?: object;
    data_cb?: (type: number, data: Data) => void;
    status_cb?: (index: number, status: Status) => void;
    cb?: (index: number, status: Status) => void;
    /** As of the list of arguments: always give it. */
    timeout: number;
  }

  export interface PublishedObject {
    subscribed(): boolean | null;
    /**
     * Tells the subscribers. `message` gets what each answers, `status` each one's status, `callback` the end.
     *
     * `timeout` -1 does not wait; else it waits for all, at most so many milliseconds, and returns a status. Always
     * give it: a call without it fails whenever something before it failed (a stale errno, on 24.10 and 25.12).
     */
    notify(
      type: string,
      data: object | null,
      message: ((type: number, data: Data) => void) | null,
      status: ((index: number, status: Status) => void) | null,
      callback: ((index: number, status: Status) => void) | null,
      timeout: -1
    ): Notifying | null;
    notify(
      type: string,
      data: object | null,
      message: ((type: number, data: Data) => void) | null,
      status: ((index: number, status: Status) => void) | null,
      callback: ((index: number, status: Status) => void) | null,
      timeout: number
    ): Status | null;
    notify(options: NotifyOptions): Notifying | Status | null;
    remove(): true | null;
  }

  export interface Notifying {
    completed(): boolean;
    abort(): boolean;
  }

  export interface Listener {
    remove(): true | null;
  }

  export interface Subscriber {
    subscribe(object: string): true | null;
    unsubscribe(object: string): true | null;
    remove(): true | null;
  }

  /** `timeout` of calls: seconds, 30 unless given. */
  export function connect(socket?: string | null, timeout?: number): Connection | null;
  /** The end of a channel that came with an answer. */
  export function open_channel(
    file: number | { fileno(): number | null },
    callback?: ((request: ChannelRequest) => unknown) | null,
    disconnected?: (() => void) | null,
    timeout?: number
  ): Channel | null;
  /** Sets what gets the exceptions of callbacks (another than uloop's); without it they end the loop. null removes it. */
  export function guard(handler: ((exception: Exception) => void) | null): true | null;
  export function guard(): ((exception: Exception) => void) | null;
  /** The last error, once: its text, or one of STATUS_*. */
  export function error(numeric?: false): string | null;
  export function error(numeric: true): Status | null;

  // The methods of a connection that all of the program shares, which is made when one is first called.
  /** @since 25.12 */
  export const list: Connection['list'];
  /** @since 25.12 */
  export const call: Connection['call'];
  /** @since 25.12 */
  export const defer: Connection['defer'];
  /** @since 25.12 */
  export const publish: Connection['publish'];
  /** @since 25.12 */
  export const remove: Connection['remove'];
  /** @since 25.12 */
  export const listener: Connection['listener'];
  /** @since 25.12 */
  export const subscriber: Connection['subscriber'];
  /** @since 25.12 */
  export const event: Connection['event'];
  /** @since 25.12 */
  export const disconnect: Connection['disconnect'];

  export const STATUS_OK: Status;
  export const STATUS_INVALID_COMMAND: Status;
  export const STATUS_INVALID_ARGUMENT: Status;
  export const STATUS_METHOD_NOT_FOUND: Status;
  export const STATUS_NOT_FOUND: Status;
  export const STATUS_NO_DATA: Status;
  export const STATUS_PERMISSION_DENIED: Status;
  export const STATUS_TIMEOUT: Status;
  export const STATUS_NOT_SUPPORTED: Status;
  export const STATUS_UNKNOWN_ERROR: Status;
  export const STATUS_CONNECTION_FAILED: Status;
  export const STATUS_NO_MEMORY: Status;
  export const STATUS_PARSE_ERROR: Status;
  export const STATUS_SYSTEM_ERROR: Status;
  /** More messages follow. */
  export const STATUS_CONTINUE: Status;
  /** The object of access lists, for `call()`. */
  export const SYSTEM_OBJECT_ACL: number;
}
