/** Text from outside: read without surprises; and what is told of what was wrong. */

import type { AgentError, AgentErrorCode } from '../shared/agent-errors.ts';

function fault(code: AgentErrorCode, detail?: string): AgentError {
  return { code, detail: detail ?? '' };
}

/** A JSON text's value; null if there is none. */
function parse(text: string | null | undefined): unknown {
  try {
    return json(text as string);
  } catch {
    return null;
  }
}

/** A string of at most so many bytes; what is no string is empty. */
function cut(value: unknown, size: number): string {
  return type(value) == 'string' ? substr(value as string, 0, size) : '';
}

/** Strings of at most so many bytes, and not more than `count` of them; what is no list is empty. */
function cutAll(value: unknown, count: number, size: number): string[] {
  if (type(value) != 'array') return [];
  return map(slice(value as unknown[], 0, count), (item) => cut(item, size));
}

/** Seconds since 1970 of a time as in RFC 3339; null for none, and for Go's zero. */
function timeOf(time: unknown): number | null {
  let parts = match(cut(time, 40), /^(....)-(..)-(..)T(..):(..):(..)[.0-9]*(Z|([+-])(..):(..))$/);
  if (!parts || parts[1] == '0001') return null;
  let offset = parts[8] ? (int(parts[9]) * 60 + int(parts[10])) * 60 : 0;
  let utc = timegm({
    year: int(parts[1]),
    mon: int(parts[2]),
    mday: int(parts[3]),
    hour: int(parts[4]),
    min: int(parts[5]),
    sec: int(parts[6])
  });
  return utc == null ? null : parts[8] == '-' ? utc + offset : utc - offset;
}

/** Whether two values are the same in JSON. */
function same(a: unknown, b: unknown): boolean {
  return sprintf('%J', a) == sprintf('%J', b);
}

export { cut, cutAll, fault, parse, same, timeOf };
