/** ucode's global functions and values, the same in OpenWrt 24.10 and 25.12 unless a `@since` or a note says otherwise. */

/** What `catch (e)` gets, unless `die()` was given an object: then that object itself. */
interface Exception {
  message: string;
  /** Such as `Error` (from `die('…')`), `Type error`, `Reference error`, `Syntax error`. */
  type: string;
  stacktrace: StackFrame[];
}

interface StackFrame {
  filename?: string;
  line?: number;
  byte?: number;
  function?: string;
  /** The first frame's lines of source, with a mark below the place. */
  context?: string;
}

type TypeName =
  | 'int'
  | 'double'
  | 'bool'
  | 'string'
  | 'array'
  | 'object'
  | 'function'
  | 'regexp'
  | 'resource'
  | 'program'
  | 'source';

/** A point in time, taken apart. */
interface TimeSpec {
  /** 0 to 60. */
  sec: number;
  min: number;
  hour: number;
  /** 1 to 31. */
  mday: number;
  /** 1 to 12. */
  mon: number;
  /** Such as 2026. */
  year: number;
  /** 1 (Monday) to 7 (Sunday). */
  wday: number;
  /** 1 to 366. */
  yday: number;
  /** 1 in daylight saving time. */
  isdst: number;
}

/** The whole match, then its groups; null for a group that took no part. */
type Match = [whole: string, ...groups: (string | null)[]];

interface ParseConfig {
  lstrip_blocks?: boolean;
  trim_blocks?: boolean;
  /** Whether undeclared variables are errors. */
  strict_declarations?: boolean;
  /** Whether the source is a script and not a template. */
  raw_mode?: boolean;
  module_search_path?: string[];
  force_dynlink_list?: string[];
}

/** The arguments after the script's name. */
declare const ARGV: string[];
/** The script's path, if it came from a file. */
declare const SCRIPT_NAME: string;
declare const NaN: number;
declare const Infinity: number;
/** Patterns such as `/usr/share/ucode/*.uc`, for `require()` and `import`. */
declare const REQUIRE_SEARCH_PATH: string[];
/** What `require()` has loaded, by name. */
declare const modules: Record<string, unknown>;
/** The scope of all global names. */
declare const global: Record<string, unknown>;

/** Writes to stdout, lists and objects as JSON, null as nothing. Returns the number of bytes. */
declare function print(...values: unknown[]): number;

/** Writes to stderr, as `print()` does to stdout. Returns the number of bytes. */
declare function warn(...values: unknown[]): number;

/** Writes `sprintf()`'s result to stdout. Returns the number of bytes. */
declare function printf(format: string, ...values: unknown[]): number;

/**
 * Formats as C does: `d i o u x X e E f F g G c s`, positions as in `%2$d`, and `%J` for JSON. `%.J` indents by
 * tabs, `%.2J` by two blanks.
 */
declare function sprintf(format: string, ...values: unknown[]): string;

/** The number of bytes, elements or keys; null for anything else. */
declare function length(value: string | readonly unknown[] | object): number;
declare function length(value: unknown): number | null;

/** The first place of `needle` in a string (its byte offset) or a list; -1 if there is none, null for anything else. */
declare function index(haystack: string | readonly unknown[], needle: unknown): number;
declare function index(haystack: unknown, needle: unknown): number | null;

/**
 * The last place of `needle`; otherwise as `index()`. 24.10 does not find a string's very beginning:
 * `rindex('ab', 'a')` is -1 there.
 */
declare function rindex(haystack: string | readonly unknown[], needle: unknown): number;
declare function rindex(haystack: unknown, needle: unknown): number | null;

/** Appends. Returns the last value. Throws for a list that is constant. */
declare function push<T>(list: T[], ...values: T[]): T | null;

/** Removes the last element and returns it; null if there is none. */
declare function pop<T>(list: T[]): T | null;

/** Removes the first element and returns it; null if there is none. */
declare function shift<T>(list: T[]): T | null;

/** Puts the values before the others. Returns the last value. */
declare function unshift<T>(list: T[], ...values: T[]): T | null;

/** Removes `count` elements (all, if it is omitted) from `from` on, puts `values` there, and returns the same list. */
declare function splice<T>(list: T[], from: number, count?: number, ...values: T[]): T[];

/** A copy of the elements from `from` (0) to before `to` (the end); negative numbers count from the end. */
declare function slice<T>(list: readonly T[], from?: number, to?: number): T[];

/** A new list of the elements for which `keep` returns something true. */
declare function filter<T, S extends T>(
  list: readonly T[],
  keep: (value: T, index: number, list: readonly T[]) => value is S
): S[];
declare function filter<T>(
  list: readonly T[],
  keep: (value: T, index: number, list: readonly T[]) => unknown
): T[];

/** A new list of what `change` returns. It gets three arguments: write `map(list, (x) => int(x))`, not `map(list, int)`. */
declare function map<T, U>(
  list: readonly T[],
  change: (value: T, index: number, list: readonly T[]) => U
): U[];

/** Sorts in place and returns the same list: numbers by value, strings byte by byte. */
declare function sort<T>(list: T[], compare?: (a: T, b: T) => number): T[];
/** Sorts an object's keys in place and returns the same object. */
declare function sort<T extends object>(
  object: T,
  compare?: (keyA: string, keyB: string, valueA: T[keyof T], valueB: T[keyof T]) => number
): T;

/** A new list, or a new string, the other way round. */
declare function reverse<T>(list: readonly T[]): T[];
declare function reverse(text: string): string;

/** A new list in which each value stands once, at its first place. */
declare function uniq<T>(list: readonly T[]): T[];

/** The elements as text, with `separator` between them. */
declare function join(separator: string, list: readonly unknown[]): string;

/** The keys in their order; null if `object` is none. */
declare function keys(list: readonly unknown[]): null;
declare function keys(object: object): string[];
declare function keys(object: unknown): string[] | null;

/** The values in their order; null if `object` is none. */
declare function values(list: readonly unknown[]): null;
declare function values<T>(object: Record<string, T>): T[];
declare function values(object: unknown): unknown[] | null;

/** Whether the object has that key, whatever its value. */
declare function exists(object: object, key: string): boolean;

/** The smallest (a number before a string); null without arguments. */
declare function min<T>(first: T, ...others: T[]): T;

/** The largest; null without arguments. */
declare function max<T>(first: T, ...others: T[]): T;

/** The type's name; null for null. */
declare function type(value: unknown): TypeName | null;

/**
 * A whole number, cut towards zero; NaN if `value` is none. Text may go on after the number: `int('12 km')` is 12.
 * `base` (10) is for text.
 */
declare function int(value: unknown, base?: number): number;

/** The value of hexadecimal digits; NaN if they are none. */
declare function hex(digits: string): number;

/** Lower case, of ASCII's letters. */
declare function lc(text: string): string;

/** Upper case, of ASCII's letters. */
declare function uc(text: string): string;

/** Without `characters` (blank, tab, return, newline) at both ends. */
declare function trim(text: string, characters?: string): string;
declare function ltrim(text: string, characters?: string): string;
declare function rtrim(text: string, characters?: string): string;

/** `size` bytes (all) from `from` on. A negative `from` counts from the end, a negative `size` leaves that many out. */
declare function substr(text: string, from: number, size?: number): string;

/** The parts between separators, at most `limit`. An empty separator takes the text apart byte by byte. */
declare function split(text: string, separator: string | RegExp, limit?: number): string[];

/** The first match, or null. With the flag `g` all matches: `match<Match[]>(text, /…/g)`. */
declare function match<M extends Match | Match[] = Match>(text: string, pattern: RegExp): M | null;

/**
 * Replaces every match of a string or of a pattern with the flag `g`, else the first; at most `limit`. In a text,
 * `$$`, `$&`, `` $` ``, `$'` and `$1` have their usual meaning.
 * A match of nothing behind the beginning goes wrong: `replace('ab', /$/, '!')` is `ab!ab`.
 */
declare function replace(
  text: string,
  pattern: string | RegExp,
  replacement: string | ((match: string, ...groups: (string | null)[]) => unknown),
  limit?: number
): string;

/** Compiles a pattern; flags `g`, `i`, `s`. Throws a `Type error` for other flags, a `Syntax error` for a bad pattern. */
declare function regexp(source: string, flags?: string): RegExp;

/** Whether the text matches a file name pattern such as `*.txt`. */
declare function wildcard(text: unknown, pattern: string, ignoreCase?: boolean): boolean;

/** The byte at `offset` (0); null if there is none. Negative numbers count from the end. */
declare function ord(text: string, offset?: number): number | null;

/** A string of these bytes; what is below 0 becomes 0, what is above 255 becomes 255. */
declare function chr(...bytes: number[]): string;

/** UTF-8 of these code points. */
declare function uchr(...codePoints: number[]): string;

/** null if it is not valid. */
declare function b64dec(text: string): string | null;
declare function b64enc(bytes: string): string;

/** null for an odd number of digits or other characters than those in `skip` (blank, tab, newline). */
declare function hexdec(digits: string, skip?: string): string | null;
declare function hexenc(bytes: string): string;

/** The 4 or 16 bytes of an address; null if it is none. */
declare function iptoarr(address: string): number[] | null;

/** The address of 4 or 16 bytes; null for anything else. */
declare function arrtoip(bytes: readonly number[]): string | null;

/**
 * Parses JSON: a text, or what `read()` returns until it is null or ''. Throws for what is not JSON, goes on after
 * it, ends too early, is nested deeper than 32, or contains a NUL. Keeps 64-bit integers.
 */
declare function json(source: string | { read(size: number): string | null }): unknown;

/** The variable, or null; without a name all of them. */
declare function getenv(name: string): string | null;
declare function getenv(): Record<string, string>;

/** Seconds since 1970. */
declare function time(): number;

/** Seconds and nanoseconds, of the wall clock or of one that no step changes. null if the system has no such clock. */
declare function clock(monotonic?: boolean): [seconds: number, nanoseconds: number] | null;

declare function localtime(epoch?: number): TimeSpec;
declare function gmtime(epoch?: number): TimeSpec;

/** Seconds since 1970 of a local time; null if it has none. Fields out of range carry over. */
declare function timelocal(spec: Partial<TimeSpec>): number | null;
declare function timegm(spec: Partial<TimeSpec>): number | null;

/** Blocks for that many milliseconds. false if that is not a positive number. */
declare function sleep(milliseconds: number): boolean;

/**
 * Runs a command and waits: a list is its arguments, a string goes through `/bin/sh -c`. Returns the exit code, or
 * minus the signal (also -9 after `timeout` milliseconds). Throws if it cannot be started as asked.
 */
declare function system(command: string | readonly unknown[], timeout?: number): number;

/**
 * Sets or tells a signal's handler. Returns it; null for an unknown signal, or one that cannot be handled. The
 * names may have `SIG` before them.
 */
declare function signal(
  signal: number | string,
  handler?: ((signal: number) => void) | 'ignore' | 'default'
): ((signal: number) => void) | 'ignore' | 'default' | null;

/** Ends the program. */
declare function exit(code?: number): never;

/** Throws an exception: with this message, or this object itself. */
declare function die(reason?: unknown): never;

/** Throws `message` unless the condition is something true. */
declare function assert(condition: unknown, message?: unknown): asserts condition;

/** Calls `fn` with `self` as its `this` and with `scope` as its global names. */
declare function call<A extends unknown[], R>(
  fn: (...args: A) => R,
  self?: unknown,
  scope?: object | null,
  ...args: A
): R;

/** A value's prototype; null if it has none. */
declare function proto(value: unknown): object | null;
/** Sets it, and returns the value. Throws if it can have none. */
declare function proto<T>(value: T, prototype: object | null): T;

/** Collects garbage. */
declare function gc(operation?: 'collect'): true;
/** Collects after every `interval` (1000; 1 to 65535) allocations from now on. false if that is so already. */
declare function gc(operation: 'start', interval?: number): boolean;
/** false if it did not run. */
declare function gc(operation: 'stop'): boolean;
/** How many lists, objects, functions and resources there are. */
declare function gc(operation: 'count'): number;

/** Loads a module at run time, once. Throws if it is not found or throws. */
declare function require(name: string): unknown;

/** Runs a file, with `scope` as its global names. */
declare function include(path: string, scope?: object): void;

/** What a file, or a function, prints. */
declare function render(path: string, scope?: object): string;
declare function render<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): string;

/** Compiles source. Throws a `Syntax error`. */
declare function loadstring(source: string, config?: ParseConfig): (...args: unknown[]) => unknown;
declare function loadfile(path: string, config?: ParseConfig): (...args: unknown[]) => unknown;

/** The path of the source file `depth` (0) calls up, or its folder; null if there is none. */
declare function sourcepath(depth?: number, folder?: boolean): string | null;

/** Switches the trace of instructions on stderr on (1) or off (0). */
declare function trace(level: number): number;
