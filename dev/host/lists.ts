import { isCallable, isTable, text, toInteger, toNumber, typeName, type Table } from './values.ts';

/** ucode's functions of lists and tables. What is neither gives null. */

export const lists = {
  length: (value: unknown) => {
    if (typeof value === 'string' || isList(value)) return value.length;
    return isTable(value) ? Object.keys(value).length : null;
  },
  index: (within: unknown, needle: unknown) => find(within, needle, 'indexOf'),
  rindex: (within: unknown, needle: unknown) => find(within, needle, 'lastIndexOf'),
  push: (list: unknown, ...values: unknown[]) => {
    if (!isList(list)) return null;
    list.push(...values);
    return values.at(-1) ?? null;
  },
  pop: (list: unknown) => (isList(list) ? (list.pop() ?? null) : null),
  shift: (list: unknown) => (isList(list) ? (list.shift() ?? null) : null),
  unshift: (list: unknown, ...values: unknown[]) => {
    if (!isList(list)) return null;
    list.unshift(...values);
    return values.at(-1) ?? null;
  },
  splice: (list: unknown, from: unknown, ...rest: unknown[]) => {
    if (!isList(list)) return null;
    const [count, ...values] = rest;
    if (count === undefined && values.length === 0) list.splice(toInteger(from));
    else list.splice(toInteger(from), toInteger(count), ...values);
    return list;
  },
  slice: (list: unknown, from?: unknown, to?: unknown) =>
    isList(list) ? list.slice(toInteger(from), to == null ? undefined : toInteger(to)) : null,
  filter: (list: unknown, keep: unknown) =>
    isList(list) && isCallable(keep)
      ? list.filter((value: unknown, i) => Boolean(keep(value, i, list)))
      : null,
  map: (list: unknown, change: unknown) =>
    isList(list) && isCallable(change)
      ? list.map((value: unknown, i): unknown => change(value, i, list) ?? null)
      : null,
  sort: (value: unknown, compare?: unknown) => {
    // JavaScript compares no undefined.
    if (isList(value)) {
      value.forEach((item, i) => (value[i] = item ?? null));
      return value.sort(isCallable(compare) ? (a, b) => toNumber(compare(a, b)) : inOrder);
    }
    return isTable(value) ? sortTable(value, compare) : null;
  },
  reverse: (value: unknown) => {
    if (typeof value === 'string') return Array.from(value).reverse().join('');
    return isList(value) ? [...value].reverse() : null;
  },
  uniq: (list: unknown) => (isList(list) ? [...new Set<unknown>(list)] : null),
  join: (separator: unknown, list: unknown) =>
    isList(list) ? Array.from(list, text).join(text(separator)) : null,
  keys: (value: unknown) => (isTable(value) ? Object.keys(value) : null),
  values: (value: unknown) => (isTable(value) ? Object.values(value) : null),
  exists: (value: unknown, key: unknown) => isTable(value) && Object.hasOwn(value, text(key)),
  min: (...values: unknown[]) => values.reduce((a, b) => (less(b, a) ? b : a), values[0]) ?? null,
  max: (...values: unknown[]) => values.reduce((a, b) => (less(a, b) ? b : a), values[0]) ?? null
};

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function find(within: unknown, needle: unknown, way: 'indexOf' | 'lastIndexOf'): number | null {
  if (typeof within === 'string') return typeof needle === 'string' ? within[way](needle) : -1;
  return isList(within) ? within.map((item) => item ?? null)[way](needle ?? null) : null;
}

/** Numbers by value, anything else as text. */
function inOrder(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [text(a), text(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortTable(value: Table, compare: unknown): Table {
  const entries = Object.entries(value).sort(([a, left], [b, right]) =>
    isCallable(compare) ? toNumber(compare(a, b, left, right)) : inOrder(a, b)
  );
  for (const [key] of entries) Reflect.deleteProperty(value, key);
  return Object.assign(value, Object.fromEntries(entries));
}

/** As of ucode's `<`. */
function less(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  return typeName(a) !== 'object' && typeName(b) !== 'object' && toNumber(a) < toNumber(b);
}
