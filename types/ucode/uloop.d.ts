/**
 * The event loop. Times are milliseconds. Whatever fails returns null, and `error()` says why. Timers, handles and
 * the like stay alive without a variable that holds them, until they are cancelled or deleted.
 *
 * An exception in a callback ends the program, unless there is a `guard()`.
 */
declare module 'uloop' {
  export interface Timer {
    /** Arms it anew. -1, or nothing, fires at once; to disarm it, `cancel()`. */
    set(timeout: number): boolean | null;
    /** Negative if it is not armed. */
    remaining(): number;
    /** Ends it for good: `set()` has no effect afterwards. Every timer needs it, also one that has fired. */
    cancel(): boolean | null;
  }

  export interface Interval {
    set(interval: number): boolean | null;
    /** Negative if it is not armed. */
    remaining(): number;
    /** How often it has fired. */
    expirations(): number;
    cancel(): boolean | null;
  }

  export interface Handle {
    fileno(): number;
    /** What was given to `handle()`. */
    handle(): unknown;
    /** Needed before the file or socket is closed. */
    delete(): true | null;
  }

  export interface Signal {
    signo(): number;
    delete(): true | null;
  }

  export interface Process {
    pid(): number;
    /** Stops watching it; it runs on. */
    delete(): true | null;
  }

  export interface Task {
    pid(): number;
    /** Sends SIGTERM. */
    kill(): true | null;
    finished(): boolean;
  }

  /** The other process's end of a task. */
  export interface Pipe {
    /** Calls the task's output callback. */
    send(message: unknown): true | null;
    /** What the task's input callback returns. */
    receive(): unknown;
    /** Whether the task has an input callback. */
    sending(): boolean;
    /** Whether it has an output callback. */
    receiving(): boolean;
  }

  /** The last error's text, once; null if there was none. */
  export function error(): string | null;

  export function init(): true | null;
  /**
   * Runs until `end()`, or a signal, whose number it returns; else 0. With a `timeout` of 0 or more it waits at most
   * that long for events, handles those that are there, and returns.
   */
  export function run(timeout?: number): number | null;
  export function running(): boolean;
  /** Whether `end()` was called and `run()` has not returned yet. */
  export function cancelling(): boolean;
  export function end(): null;
  /** Unregisters everything. */
  export function done(): null;

  /** Sets what gets the exceptions of callbacks; the loop goes on. One that throws ends it. null removes it. */
  export function guard(handler: ((exception: Exception) => void) | null): true | null;
  export function guard(): ((exception: Exception) => void) | null;

  /** Fires once; never, if `timeout` is -1 and until `set()`. */
  export function timer(timeout: number, callback: () => void): Timer | null;
  export function interval(interval: number, callback: () => void): Interval | null;

  /**
   * Watches a descriptor and makes it non-blocking. `events`: ULOOP_READ, ULOOP_WRITE. After the other side has
   * closed, the callback comes once and never again: read until null or ''.
   */
  export function handle(
    file: number | { fileno(): number | null },
    /** `end` and `failed` since 25.12; null before. */
    callback: (events: number, end: boolean | null, failed: boolean | null) => void,
    events: number
  ): Handle | null;

  /** `signal`: a number, or a name with or without `SIG`. */
  export function signal(signal: number | string, callback: () => void): Signal | null;

  /**
   * Starts a program, found in PATH. `callback` gets the exit code (0 if a signal ended it).
   *
   * `environment` is all that it gets: on 24.10 null means none at all, since 25.12 that of this program. `setup`,
   * since 25.12, runs in the new process before the program.
   */
  export function process(
    program: string,
    args: readonly unknown[] | null,
    environment: Record<string, unknown> | null,
    callback: (code: number) => void,
    setup?: () => void
  ): Process | null;

  /** Runs a function in a process of its own. What it returns goes to `output`, as JSON. */
  export function task(
    run: (pipe: Pipe) => unknown,
    output?: ((message: unknown) => void) | null,
    input?: (() => unknown) | null
  ): Task | null;

  export const ULOOP_READ: number;
  export const ULOOP_WRITE: number;
  export const ULOOP_EDGE_TRIGGER: number;
  /** Leave the descriptor blocking. */
  export const ULOOP_BLOCKING: number;
}
