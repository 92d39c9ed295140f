import { parseTyped } from '../json.ts';
import type { Answer } from '../system/bus.ts';
import { Double, isTable, table, toJson, typeName, type Table } from '../values.ts';

/** What ucode's `ubus` sends and takes: messages, which are JSON on the host, and the types of their values. */

/** Method arguments' types, as `ubus list` names them. */
export function signatureOf(definition: Table): Record<string, string> {
  const args = isTable(definition['args']) ? definition['args'] : {};
  return Object.fromEntries(Object.entries(args).map(([name, example]) => [name, hintedType(example)]));
}

function hintedType(example: unknown): string {
  if (typeof example !== 'number') return blobType(example);
  if (!Number.isInteger(example)) return 'double';
  return { 8: 'int8', 16: 'int16', 64: 'int64' }[example] ?? 'int32';
}

/** With the numbers that the bus has for the types. */
export function numbered(args: Readonly<Record<string, string>>): Table {
  const types = ['', 'array', 'table', 'string', 'int64', 'int32', 'int16', 'int8', 'double'];
  return table(Object.fromEntries(Object.entries(args).map(([name, type]) => [name, types.indexOf(type)])));
}

/** A boolean is a byte on the bus. */
export function blobType(value: unknown): string {
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
export function messageOf(data: unknown): string {
  if (!isTable(data)) return '{}';
  const entries = Object.entries(data).filter(
    ([, value]) => !['function', 'resource', 'regexp'].includes(typeName(value) ?? '')
  );
  return toJson(table(Object.fromEntries(entries)));
}

/** Null if the answer has none. */
export function dataOf({ data }: Answer): Table | null {
  return data === null ? null : (plain(parseTyped(data)) as Table);
}

/** Without the marks of `parseTyped()`. */
export function plain(value: unknown): unknown {
  if (value instanceof Double) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  for (const [key, member] of Object.entries(value)) value[key] = plain(member);
  return value;
}
