import { types } from 'node:util';
import { isCallable, text, toInteger } from './values.ts';

/** ucode's functions of patterns. Its regular expressions are POSIX's, where JavaScript has the same. */

export function match(subject: unknown, pattern: unknown): unknown[] | null {
  if (subject === null || subject === undefined || !types.isRegExp(pattern)) return null;
  const found: unknown[] = [];
  for (const { groups } of matches(text(subject), pattern)) {
    if (!pattern.global) return groups;
    found.push(groups);
  }
  return found.length > 0 ? found : null;
}

export function replace(subject: unknown, pattern: unknown, by: unknown, limit?: unknown): string | null {
  if ([subject, pattern, by].some((value) => value === null || value === undefined)) return null;
  const whole = text(subject);
  const most = limit === null || limit === undefined ? Infinity : toInteger(limit);
  const once = types.isRegExp(pattern) && !pattern.global;
  const places = types.isRegExp(pattern) ? matches(whole, pattern) : occurrences(whole, text(pattern));
  let result = '';
  let rest = 0;
  let count = 0;
  for (const { from, to, groups, next } of places) {
    if (count++ >= most) break;
    result += whole.slice(rest, from);
    result += isCallable(by) ? text(by(...groups)) : expand(text(by), groups, whole, rest, from);
    // Behind an empty match ucode goes on from where it was, a byte further.
    result += to === from ? whole.slice(rest, next) : '';
    rest = next;
    if (once) break;
  }
  return result + whole.slice(rest);
}

export function split(subject: unknown, separator: unknown, limit?: unknown): string[] | null {
  if (typeof subject !== 'string') return null;
  const most = limit === null || limit === undefined ? Infinity : toInteger(limit);
  if (typeof separator === 'string') {
    const parts = subject === '' ? [''] : subject.split(separator);
    return parts.length <= most ? parts : cut(parts, separator, most);
  }
  if (!types.isRegExp(separator)) return null;
  if (most === 0) return [];
  const parts: string[] = [];
  let rest = 0;
  for (const { from, to, next } of matches(subject, separator)) {
    if (parts.length + 1 >= most) break;
    if (from === to && rest === subject.length) return parts;
    parts.push(subject.slice(rest, from === to ? next : from));
    rest = next;
  }
  parts.push(subject.slice(rest));
  return parts;
}

/** As of `regexp()`; `fail` throws its exception. */
export function regexp(
  source: unknown,
  flags: unknown,
  fail: (type: string, message: string) => never
): RegExp {
  const wanted = typeof flags === 'string' ? flags : '';
  if (/[^gis]/.test(wanted)) return fail('Type error', `Unrecognized flag character`);
  try {
    return new RegExp(text(source), wanted);
  } catch (error) {
    return fail('Syntax error', String(error));
  }
}

/** Whether the text matches a file name pattern, as of fnmatch(3). */
export function wildcard(subject: unknown, pattern: unknown, ignoreCase?: unknown): boolean | null {
  if (subject === null || subject === undefined || typeof pattern !== 'string') return null;
  return globPattern(pattern, Boolean(ignoreCase)).test(text(subject));
}

export function globPattern(pattern: string, ignoreCase = false, inFolder = false): RegExp {
  const any = inFolder ? '[^/]' : '.';
  const source = pattern.replace(
    /\\(.)|\[([!^]?)(\]?[^\]]*)\]|([*?])|([^\w])/gs,
    (_, escaped?: string, not?: string, set?: string, wild?: string, other?: string) => {
      if (set !== undefined) return `[${not === '' ? '' : '^'}${set.replace(/[\\\]]/g, '\\$&')}]`;
      if (wild !== undefined) return wild === '*' ? `${any}*` : any;
      return (escaped ?? other ?? '').replace(/[^\w]/g, '\\$&');
    }
  );
  return new RegExp(`^${source}$`, ignoreCase ? 'is' : 's');
}

interface Place {
  from: number;
  to: number;
  /** The match, and its groups; null for one that took no part. */
  groups: (string | null)[];
  /** Where the search goes on. */
  next: number;
}

/** All places, one after the other. Behind an empty match the search goes on a byte after where it began. */
function* matches(subject: string, pattern: RegExp): Generator<Place> {
  const posix = translate(pattern);
  for (let start = 0; start <= subject.length;) {
    posix.lastIndex = start;
    const found = posix.exec(subject);
    if (!found) return;
    const to = found.index + found[0].length;
    const next = found[0] === '' ? start + 1 : to;
    const groups = Array.from(found, (group) => (group as string | undefined) ?? null);
    yield { from: found.index, to, groups, next };
    start = next;
  }
}

function* occurrences(subject: string, needle: string): Generator<Place> {
  for (let from = subject.indexOf(needle); from !== -1;) {
    const to = from + needle.length;
    const next = needle === '' ? from + 1 : to;
    yield { from, to, groups: [needle], next };
    if (next > subject.length) return;
    from = subject.indexOf(needle, next);
  }
}

/** The pattern as JavaScript's: POSIX's classes, and what `.` and `^` mean with and without the flag `s`. */
function translate(pattern: RegExp): RegExp {
  const { source, ignoreCase, dotAll } = pattern;
  const key = `${source}/${ignoreCase ? 'i' : ''}${dotAll ? 'm' : 's'}`;
  let translated = translations.get(key);
  if (!translated) {
    // POSIX knows no escapes between brackets.
    const brackets = source.replace(/\\[^]|\[\^?\]?(?:\[:\w+:\]|[^\]])*\]/g, (part) =>
      part.startsWith('\\')
        ? part
        : part
            .replace(/\[:(\w+):\]/g, (_, name: string) => classes[name] ?? '')
            .replace(/^(\[\^?)\]/, '$1\\]')
    );
    translated = new RegExp(brackets, `g${ignoreCase ? 'i' : ''}${dotAll ? 'm' : 's'}`);
    translations.set(key, translated);
  }
  return new RegExp(translated);
}
const translations = new Map<string, RegExp>();
const classes: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  cntrl: '\\0-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: ' \\t-\\r',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f'
};

/** `$&` and the like. What stands before and behind is that of the rest behind the match before. */
function expand(
  by: string,
  groups: readonly (string | null)[],
  whole: string,
  from: number,
  index: number
): string {
  const matched = groups[0] ?? '';
  return by.replace(/\$(.?)/gs, (all, sign: string) => {
    if (sign === '$') return '$';
    if (sign === '&') return matched;
    if (sign === '`') return whole.slice(from, index);
    if (sign === "'") return whole.slice(index + matched.length);
    if (/[1-9]/.test(sign)) return groups[Number(sign)] ?? all;
    return sign === '' ? '' : all;
  });
}

function cut(parts: readonly string[], separator: string, most: number): string[] {
  if (most <= 0) return [];
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)];
}
