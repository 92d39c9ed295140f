import { parseJson } from './json.ts';
import { lists } from './lists.ts';
import type { Raise } from './realm.ts';
import { regexp } from './regexps.ts';
import { sprintf } from './sprintf.ts';
import { strings, times } from './strings.ts';
import { isCallable, isTable, table, text, typeName } from './values.ts';

/** What ucode's globals need from outside. */
export interface Outside {
  /** `bytes` go to stdout (1) or stderr (2). */
  write(descriptor: number, bytes: string): void;
  /** The program's arguments. */
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
  exit(code: number): never;
  /** Runs a command and waits for its end. */
  system(command: string | readonly string[], timeout: number): number;
  sleep(milliseconds: number): void;
}

/** ucode's global names, without those that only a realm can have (`die`, `require`). */
export function makeGlobals(outside: Outside, raise: Raise): Record<string, unknown> {
  const print = (descriptor: number, values: readonly unknown[]): number => {
    const bytes = values.map((value) => (value == null ? '' : text(value))).join('');
    outside.write(descriptor, bytes);
    return bytes.length;
  };
  return {
    ...lists,
    ...strings,
    ...times,
    ARGV: [...outside.args],
    print: (...values: unknown[]) => print(1, values),
    warn: (...values: unknown[]) => print(2, values),
    printf: (format: unknown, ...values: unknown[]) => print(1, [sprintf(format, values)]),
    sprintf: (format: unknown, ...values: unknown[]) => sprintf(format, values),
    type: typeName,
    json: (source: unknown) => parseJson(source, raise),
    regexp: (source: unknown, flags?: unknown) => regexp(source, flags, raise),
    getenv: (name?: unknown) =>
      name == null ? table(outside.environment) : (outside.environment[text(name)] ?? null),
    system: (command: unknown, timeout?: unknown) => {
      if (typeof command !== 'string' && !(Array.isArray(command) && command.length > 0))
        return raise('Type error', 'Passed command is neither string nor array');
      const limit = typeof timeout === 'number' ? timeout : 0;
      return outside.system(typeof command === 'string' ? command : command.map(text), limit);
    },
    sleep: (milliseconds: unknown) => {
      if (typeof milliseconds !== 'number' || milliseconds <= 0) return false;
      outside.sleep(milliseconds);
      return true;
    },
    exit: (code?: unknown) => outside.exit(typeof code === 'number' ? code : 0),
    assert: (condition: unknown, message?: unknown) =>
      condition ? condition : raise('Error', message == null ? 'Assertion failed' : text(message)),
    call: (act: unknown, self?: unknown, _scope?: unknown, ...args: unknown[]) =>
      isCallable(act) ? act.apply(self, args) : null,
    proto: (value: unknown, ...prototypes: unknown[]) => {
      if (prototypes.length === 0) return isTable(value) ? ownPrototype(value) : null;
      return Object.setPrototypeOf(value, prototypes[0] as object | null) as unknown;
    },
    // Node collects by itself.
    gc: () => true
  };
}

/** One that the program gave it, and not what all have. */
function ownPrototype(value: object): unknown {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype && Object.keys(prototype).length > 0 ? prototype : null;
}
