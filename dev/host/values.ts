import { types } from 'node:util';

/** What ucode's values are on the host, what they are called, and how they become text. */

/** An object of ucode's: it has the keys that it was given and no others, not even those of JavaScript's objects. */
export type Table = Record<string, unknown>;

/** What has methods of its own, such as a file. */
export abstract class Resource {
  [Symbol.toPrimitive](): string {
    return '<resource>';
  }
}

/** A number that came as one with a point or an exponent, though it is whole: JavaScript's numbers cannot tell. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** Lets a realm's objects become text as ucode's do. */
export const textual = {
  [Symbol.toPrimitive](this: unknown): string {
    return text(this);
  }
};

export function table(entries: Readonly<Record<string, unknown>> = {}): Table {
  return Object.assign(Object.create(bare) as Table, entries);
}
const bare = Object.create(null, Object.getOwnPropertyDescriptors(textual)) as object;

export function isTable(value: unknown): value is Table {
  return typeName(value) === 'object';
}

export function isCallable(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

/** As of ucode's `type()`. */
export function typeName(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string' || typeof value === 'function') return typeof value;
  if (value instanceof Double) return 'double';
  if (Array.isArray(value)) return 'array';
  if (types.isRegExp(value)) return 'regexp';
  return value instanceof Resource ? 'resource' : 'object';
}

/** What `print()` writes for a value, other than null. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : render(value, '', '');
}

/** As JSON. `indent`: what stands before the keys of the next deeper level; '' writes all in one line. */
export function toJson(value: unknown, indent = ''): string {
  return typeof value === 'number' ? jsonNumber(value) : render(value, indent, '', true);
}

/** As ucode reckons with it where it wants a whole number. */
export function toInteger(value: unknown): number {
  const number = toNumber(value);
  return Number.isNaN(number) ? 0 : Math.trunc(number);
}

/** NaN if it is none. */
export function toNumber(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string') return NaN;
  const [, sign, digits] = /^\s*([-+]?)([0-9a-fA-F].*)?$/s.exec(value) ?? [];
  if (sign === undefined) return NaN;
  return (sign === '-' ? -1 : 1) * Number(digits ?? '');
}

/** As of C's `%.{digits}g`. */
export function general(value: number, digits: number, alternative = false): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const precision = digits || 1;
  const exponent = Number(/e(.*)$/.exec(value.toExponential(precision - 1))?.[1]);
  const strip = (number: string): string =>
    alternative || !number.includes('.') ? number : number.replace(/\.?0+$/, '');
  if (exponent >= -4 && exponent < precision)
    return sign(value) + strip(fixed(Math.abs(value), precision - 1 - exponent));
  const [mantissa = ''] = Math.abs(value)
    .toExponential(precision - 1)
    .split('e');
  return `${sign(value)}${strip(mantissa)}e${exponentText(exponent)}`;
}

/** As of C's `%.{digits}f`: of two that are equally near it is the even one. */
export function fixed(value: number, digits: number): string {
  const exact = value.toFixed(Math.min(digits + 50, 100));
  const at = exact.indexOf('.') + digits + 1;
  const kept = exact.slice(0, at);
  const rest = exact.slice(at);
  return /^50*$/.test(rest) && /[02468]\.?$/.test(kept) ? kept.replace(/\.$/, '') : value.toFixed(digits);
}

/** As C writes it: with a sign, and two digits at least. */
export function exponentText(exponent: number): string {
  return (exponent < 0 ? '-' : '+') + String(Math.abs(exponent)).padStart(2, '0');
}

function sign(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : '';
}

function render(value: unknown, indent: string, before: string, quoted = false): string {
  switch (typeName(value)) {
    case null:
      return 'null';
    case 'string':
      return quoted ? quote(value as string) : (value as string);
    case 'int':
    case 'double':
      if (value instanceof Double) return `${numberText(value.value)}.0`;
      return quoted ? jsonNumber(value as number) : numberText(value as number);
    case 'array':
      return enclose(
        '[]',
        // A hole is not visited by map().
        Array.from(value as unknown[], (item) => render(item, indent, before + indent, true)),
        indent,
        before
      );
    case 'object': {
      if (types.isNativeError(value)) return quoted ? quote(value.message) : value.message;
      const entries = Object.entries(value as Table);
      return enclose(
        '{}',
        entries.map(([key, item]) => `${quote(key)}: ${render(item, indent, before + indent, true)}`),
        indent,
        before
      );
    }
    case 'function':
      return quoted ? '"() => { ... }"' : '() => { ... }';
    case 'regexp': {
      const { source, flags } = value as RegExp;
      return quoted ? `"/${source}/${flags}"` : `/${source}/${flags}`;
    }
    case 'resource':
      return quoted ? '"<resource>"' : '<resource>';
    default:
      return String(value);
  }
}

function enclose(
  [open = '', close = '']: string,
  items: readonly string[],
  indent: string,
  before: string
): string {
  if (indent === '') return items.length === 0 ? `${open} ${close}` : `${open} ${items.join(', ')} ${close}`;
  return [open, items.map((item) => before + indent + item).join(',\n'), before + close]
    .filter((line) => line !== '')
    .join('\n');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return isWhole(value) ? BigInt(value).toString() : general(value, 14);
}

function jsonNumber(value: number): string {
  if (Number.isNaN(value)) return '"NaN"';
  if (!Number.isFinite(value)) return value > 0 ? '1e309' : '-1e309';
  return numberText(value);
}

/** Whether ucode would hold it as an integer of 64 bits. */
function isWhole(value: number): boolean {
  return Number.isInteger(value) && value < 2 ** 64 && value >= -(2 ** 63) && !Object.is(value, -0);
}

function quote(bytes: string): string {
  return `"${bytes.replace(/["\\]|[^ -\xff]/g, (byte) => escapes[byte] ?? `\\u${byte.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}
const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t'
};
