import { createContext, compileFunction, runInContext } from 'node:vm';
import { types } from 'node:util';
import type { HostModule } from './compile.ts';
import { table, text, textual } from './values.ts';

export type Exports = Record<string, unknown>;
export type Raise = (type: string, message: string) => never;

/**
 * Where a program's modules run: they see ucode's names, and objects that have no properties of JavaScript's. What
 * they throw has what ucode's exceptions have.
 */
export class Realm {
  readonly #context = createContext({});
  readonly #intrinsics: Intrinsics;
  readonly #sources: Readonly<Record<string, HostModule>>;
  readonly #builtin: (name: string) => object | undefined;
  readonly #names: readonly string[];
  readonly #values: readonly unknown[];
  readonly #loaded = new Map<string, Exports | null>();

  /** `globals` and `builtin` (ucode's modules, by name) are asked for when the realm can raise exceptions. */
  constructor(
    sources: Readonly<Record<string, HostModule>>,
    surroundings: (raise: Raise) => {
      globals: Readonly<Record<string, unknown>>;
      builtin: (name: string) => object | undefined;
    }
  ) {
    this.#sources = sources;
    this.#intrinsics = runInContext('({ Object, Array, Error })', this.#context) as Intrinsics;
    this.#clear();
    const { globals, builtin } = surroundings((type, message) => this.raise(type, message));
    this.#builtin = builtin;
    const own = {
      die: (reason?: unknown) => this.#die(reason),
      require: (name: unknown) => this.#require(name)
    };
    this.#names = Object.keys({ ...globals, ...own });
    this.#values = Object.values({ ...globals, ...own });
  }

  /** What the module at a path exports. It runs the first time. */
  load(path: string): Exports {
    const known = this.#loaded.get(path);
    if (known) return known;
    const source = this.#sources[path];
    if (!source) throw new Error(`${path} was not compiled`);
    if (known === null) throw new Error(`Circular dependency on ${path}`);
    this.#loaded.set(path, null);
    const imported = source.imports.map(({ from, name }) => {
      const module = this.#module(from);
      if (name === '*') return module;
      if (!(name in module)) this.raise('Syntax error', `Module ${from} does not export '${name}'`);
      return module[name];
    });
    const run = compileFunction(source.code, [...this.#names, ...source.imports.map(({ local }) => local)], {
      filename: source.url,
      parsingContext: this.#context
    }) as (...values: unknown[]) => Exports;
    if (process.env['NODE_V8_COVERAGE'] !== undefined) counted.push(run);
    const exports = run(...this.#values, ...imported);
    this.#loaded.set(path, exports);
    return exports;
  }

  raise(type: string, message: string): never {
    const error = new this.#intrinsics.Error(message);
    Object.defineProperty(error, 'type', { value: type });
    throw error;
  }

  #module(name: string): Exports {
    const builtin = name.startsWith('/') ? this.load(name) : this.#builtin(name);
    return (builtin ?? this.raise('Syntax error', `Unable to resolve path for module '${name}'`)) as Exports;
  }

  #die(reason: unknown): never {
    if (typeof reason === 'object' && reason !== null && !Array.isArray(reason)) throw reason as Error;
    return this.raise('Error', reason == null ? 'Died' : text(reason));
  }

  #require(name: unknown): Exports {
    const found = typeof name === 'string' ? this.#builtin(name) : undefined;
    return (found ??
      this.raise('Runtime error', `No module named '${String(name)}' could be found`)) as Exports;
  }

  /** Takes from objects what ucode's do not have, and gives exceptions what ucode's have. */
  #clear(): void {
    const { Object: own, Array: list, Error: error } = this.#intrinsics;
    for (const name of Object.getOwnPropertyNames(own.prototype)) Reflect.deleteProperty(own.prototype, name);
    Object.defineProperties(own.prototype, Object.getOwnPropertyDescriptors(textual));
    Object.defineProperties(list.prototype, Object.getOwnPropertyDescriptors(textual));
    Object.defineProperties(error.prototype, {
      type: { get: typeOfError },
      stacktrace: { get: stackOf },
      [Symbol.toPrimitive]: { value: messageOf }
    });
  }
}

/** Of what the collector has taken away nothing is counted any more. */
const counted: unknown[] = [];

interface Intrinsics {
  Object: ObjectConstructor;
  Array: ArrayConstructor;
  Error: ErrorConstructor;
}

/** One of a program's, and not something that went wrong in the host. */
export function exceptionText(error: unknown): string {
  if (!types.isNativeError(error)) return text(error);
  return `${(error as { type?: string }).type ?? error.name}: ${error.stack ?? error.message}`;
}

function messageOf(this: Error): string {
  return this.message;
}

/** The engine's own errors by the names that ucode has for them. */
function typeOfError(this: Error): string {
  if (/^Cannot read properties of/.test(this.message)) return 'Reference error';
  return this.name.replace('Error', ' error').trim();
}

function stackOf(this: Error): object[] {
  return [...(this.stack ?? '').matchAll(/^ +at (?:(.*) \()?(file:.*):([0-9]+):([0-9]+)\)?$/gm)].map(
    ([, name = 'main', url = '', line, byte]) => {
      const filename = decodeURI(url.replace(/^file:\/\//, ''));
      return table({
        function: name.replace(/^.*\./, ''),
        filename,
        line: Number(line),
        byte: Number(byte),
        context: `In ${name}(), file ${filename}, line ${line ?? ''}, byte ${byte ?? ''}`
      });
    }
  );
}
