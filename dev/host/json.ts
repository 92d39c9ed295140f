import { Double, isCallable, table, text, typeName, type Table } from './values.ts';
import { toBytes } from './bytes.ts';

/** JSON as ucode reads it: strings are bytes, a comma may stand before `]`, and nothing is deeper than 32. */

/** As of ucode's `json()`; `fail` throws its exception. */
export function parseJson(source: unknown, fail: (type: string, message: string) => never): unknown {
  if (typeof source === 'string') return parse(source, fail, false);
  const { read } = (typeName(source) === null ? {} : source) as { read?: unknown };
  if (typeName(source) !== 'object' && typeName(source) !== 'resource' && typeName(source) !== 'array')
    return fail('Type error', 'Passed value is neither a string nor an object');
  if (!isCallable(read)) return fail('Type error', 'Input object does not implement read() method');
  let whole = '';
  for (;;) {
    const piece = read.call(source, 1024);
    if (piece === null || piece === undefined || piece === '') return parse(whole, fail, false);
    whole += text(piece);
  }
}

/** As of `parseJson()`, but whole numbers that are written with a point or an exponent come as `Double`. */
export function parseTyped(source: string): unknown {
  return parse(
    source,
    (_, message) => {
      throw new SyntaxError(message);
    },
    true
  );
}

function parse(source: string, fail: (type: string, message: string) => never, typed: boolean): unknown {
  const wrong = (why: string): never => fail('Syntax error', `Failed to parse JSON string: ${why}`);
  const token = /[ \t\n\r\f\v]*(?:([[\]{},:])|("(?:[^"\\]|\\.)*")|(-?[0-9][-+.0-9eE]*)|([A-Za-z]+)|$)/sy;
  const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null, NaN, nan: NaN };
  let found: RegExpExecArray | null = null;
  const next = (): void => {
    found = token.exec(source);
    if (!found) wrong('unexpected character');
  };
  const mark = (): string | undefined => found?.[1];

  const value = (depth: number): unknown => {
    const [, open, string, number, word] = found ?? [];
    if (string !== undefined) return take(unquote(string));
    if (number !== undefined) return take(numeric(number));
    if (word !== undefined) return word in words ? take(words[word]) : wrong('unexpected character');
    if (open === '[' || open === '{') {
      if (depth === 32) wrong('nesting too deep');
      next();
      return take(open === '[' ? list(depth) : object(depth));
    }
    return wrong(open === undefined ? 'unexpected end of data' : 'unexpected character');
  };
  const take = <T>(taken: T): T => {
    next();
    return taken;
  };
  const list = (depth: number): unknown[] => {
    const items: unknown[] = [];
    while (mark() !== ']') {
      items.push(value(depth + 1));
      if (mark() === ',') next();
      else if (mark() !== ']') wrong('array value separator expected');
    }
    return items;
  };
  const object = (depth: number): Table => {
    const members = table();
    while (mark() !== '}') {
      if (found?.[2] === undefined) wrong('quoted object property name expected');
      const key = unquote(found?.[2] ?? '');
      next();
      if (mark() !== ':') wrong('object property name separator expected');
      next();
      members[key] = value(depth + 1);
      if (mark() === ',') next();
      else if (mark() !== '}') wrong('object value separator expected');
    }
    return members;
  };
  const numeric = (written: string): unknown => {
    const number = Number(written.replace(/^(-?)0+(?=[0-9])/, '$1'));
    if (Number.isNaN(number)) wrong('number expected');
    const double = /[.eE]/.test(written);
    if (!double) return Math.min(Math.max(number, -(2 ** 63)), 2 ** 64);
    return typed && Number.isInteger(number) ? new Double(number) : number;
  };

  if (source.includes('\0')) wrong('unexpected character');
  next();
  const result = value(0);
  if (token.lastIndex < source.length || (found as RegExpExecArray | null)?.[0].trim() !== '')
    return fail('Syntax error', 'Trailing garbage after JSON data');
  return result;
}

/** The bytes that a string of JSON stands for. */
function unquote(written: string): string {
  return written
    .slice(1, -1)
    .replace(/((?:\\u[0-9A-Fa-f]{4})+)|\\(.)/gs, (_, units: string | undefined, other: string) =>
      units === undefined ? (escaped[other] ?? other) : toBytes(JSON.parse(`"${units}"`) as string)
    );
}
const escaped: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
