/**
 * What the compiler itself needs in the place of its `lib.*.d.ts`. ucode's values have no methods and no
 * `length`: see `length()`, `push()`, `substr()` and the rest in `globals.d.ts`.
 */

interface Array<T> {
  /** A negative index counts from the end. What is not there is null. */
  [index: number]: T;
}

interface ReadonlyArray<T> {
  /** A negative index counts from the end. What is not there is null. */
  readonly [index: number]: T;
}

interface Boolean {}
interface Function {}
interface CallableFunction extends Function {}
interface NewableFunction extends Function {}
interface IArguments {}
interface Number {}
interface Object {}
/** A POSIX extended regular expression: no lazy quantifiers, no look-around; flags `g` and `i`. */
interface RegExp {}
/** A string of bytes: 'é' has two. */
interface String {}
/** Without tagged templates, nothing has this type. */
interface TemplateStringsArray {}

// The utility types, which exist in the compiler alone.
type Partial<T> = { [P in keyof T]?: T[P] };
type Required<T> = { [P in keyof T]-?: T[P] };
type Readonly<T> = { readonly [P in keyof T]: T[P] };
type Pick<T, K extends keyof T> = { [P in K]: T[P] };
type Record<K extends string | number | symbol, T> = { [P in K]: T };
type Exclude<T, U> = T extends U ? never : T;
type Extract<T, U> = T extends U ? T : never;
type Omit<T, K extends string | number | symbol> = Pick<T, Exclude<keyof T, K>>;
type NonNullable<T> = T & {};
type Parameters<T extends (...args: never) => unknown> = T extends (...args: infer P) => unknown ? P : never;
type ReturnType<T extends (...args: never) => unknown> = T extends (...args: never) => infer R ? R : never;

// What the compiler asks of a list before it lets `f(...list)` pass. None of it exists at run time.
interface SymbolConstructor {
  readonly iterator: unique symbol;
}
declare const Symbol: SymbolConstructor;
interface IteratorResult<T> {
  done?: boolean;
  value: T;
}
interface Iterator<T> {
  next(): IteratorResult<T>;
}
interface Iterable<T> {
  [Symbol.iterator](): Iterator<T>;
}
interface Array<T> extends Iterable<T> {}
interface ReadonlyArray<T> extends Iterable<T> {}
