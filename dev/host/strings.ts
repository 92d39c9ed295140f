import { isIPv4, isIPv6 } from 'node:net';
import { match, replace, split, wildcard } from './regexps.ts';
import { isTable, table, text, toInteger, toNumber, type Table } from './values.ts';
import { toBytes } from './bytes.ts';

/** ucode's functions of strings and numbers. */

export const strings = {
  int: (value: unknown, base?: unknown) => {
    if (typeof value !== 'string') return Number.isNaN(value) ? NaN : toInteger(value);
    return parseInteger(value, base == null ? 10 : toInteger(base));
  },
  hex: (digits: unknown) =>
    typeof digits === 'string' && /^\s*(0x)?[0-9a-f]+$/i.test(digits) ? parseInt(digits, 16) : NaN,
  lc: (value: unknown) => text(value).replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  uc: (value: unknown) => text(value).replace(/[a-z]+/g, (part) => part.toUpperCase()),
  trim: (value: unknown, characters?: unknown) => trim(value, characters, true, true),
  ltrim: (value: unknown, characters?: unknown) => trim(value, characters, true, false),
  rtrim: (value: unknown, characters?: unknown) => trim(value, characters, false, true),
  substr: (value: unknown, from: unknown, size?: unknown) => {
    if (typeof value !== 'string') return null;
    const first = toInteger(from);
    const start = first < 0 ? Math.max(value.length + first, 0) : Math.min(first, value.length);
    if (size === undefined) return value.slice(start);
    const count = toInteger(size);
    return value.slice(start, count < 0 ? Math.max(value.length + count, start) : start + count);
  },
  ord: (value: unknown, offset?: unknown) => {
    if (typeof value !== 'string') return null;
    const byte = value.at(toInteger(offset));
    return byte === undefined ? null : byte.charCodeAt(0);
  },
  chr: (...bytes: unknown[]) =>
    String.fromCharCode(...bytes.map((byte) => Math.min(Math.max(toInteger(byte), 0), 255))),
  uchr: (...points: unknown[]) =>
    toBytes(
      String.fromCodePoint(...points.map(toInteger).map((point) => (point > 0x10ffff ? 0xfffd : point)))
    ),
  b64enc: (bytes: unknown) =>
    typeof bytes === 'string' ? Buffer.from(bytes, 'latin1').toString('base64') : null,
  b64dec: (coded: unknown) => {
    const stripped = typeof coded === 'string' ? coded.replace(/\s/g, '') : '!';
    const valid = /^[A-Za-z0-9+/]*={0,2}$/.test(stripped) && stripped.length % 4 === 0;
    return valid ? Buffer.from(stripped, 'base64').toString('latin1') : null;
  },
  hexenc: (bytes: unknown) => (bytes == null ? null : Buffer.from(text(bytes), 'latin1').toString('hex')),
  hexdec: (digits: unknown, skip?: unknown) => {
    if (typeof digits !== 'string') return null;
    const skipped = typeof skip === 'string' ? skip : ' \t\n';
    const bare = Array.from(digits)
      .filter((digit) => !skipped.includes(digit))
      .join('');
    return /^([0-9a-fA-F]{2})*$/.test(bare) ? Buffer.from(bare, 'hex').toString('latin1') : null;
  },
  iptoarr: (address: unknown) => {
    if (typeof address !== 'string') return null;
    if (isIPv4(address)) return address.split('.').map(Number);
    return isIPv6(address) && !address.includes('%') ? bytesOfIPv6(address) : null;
  },
  arrtoip: (bytes: unknown) => {
    if (!Array.isArray(bytes) || !bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255))
      return null;
    if (bytes.length === 4) return bytes.join('.');
    return bytes.length === 16 ? addressOf(bytes as number[]) : null;
  },
  match,
  replace,
  split,
  wildcard
};

export const times = {
  time: () => Math.floor(Date.now() / 1000),
  clock: (monotonic?: unknown) => {
    const now = monotonic ? process.hrtime.bigint() : BigInt(Date.now()) * 1_000_000n;
    return [Number(now / 1_000_000_000n), Number(now % 1_000_000_000n)];
  },
  localtime: (epoch?: unknown) => {
    const date = dateOf(epoch);
    // Seen as UTC, it has the local time's fields.
    return spec(new Date(date.getTime() - date.getTimezoneOffset() * 60_000), daylightSaving(date));
  },
  gmtime: (epoch?: unknown) => spec(dateOf(epoch), 0),
  timelocal: (fields: unknown) => {
    const at = fieldsOf(fields);
    return at && Math.floor(new Date(...at).getTime() / 1000);
  },
  timegm: (fields: unknown) => {
    const at = fieldsOf(fields);
    return at && Math.floor(Date.UTC(...at) / 1000);
  }
};

function parseInteger(value: string, base: number): number {
  const [, sign, digits] = /^\s*([-+]?)(.*)$/s.exec(value) ?? [];
  const number = parseInt(base === 10 ? (digits ?? '').replace(/^0[xX]/, '0 ') : (digits ?? ''), base);
  if (Number.isNaN(number) || number >= 2 ** 63) return NaN;
  return sign === '-' ? 0 - number : number;
}

function trim(value: unknown, characters: unknown, left: boolean, right: boolean): string | null {
  if (typeof value !== 'string') return null;
  const unwanted = typeof characters === 'string' ? characters : ' \t\r\n';
  let from = 0;
  let to = value.length;
  while (left && from < to && unwanted.includes(value.charAt(from))) from++;
  while (right && to > from && unwanted.includes(value.charAt(to - 1))) to--;
  return value.slice(from, to);
}

function bytesOfIPv6(address: string): number[] {
  const dotted = address.replace(/[^:]*\.[^:]*$/, (ipv4) => {
    const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = dotted.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].flatMap((group) => {
    const number = parseInt(group, 16);
    return [number >> 8, number & 255];
  });
}

function addressOf(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16)
  );
  // The standard's form (RFC 5952), which is that of URLs, too.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function dateOf(epoch: unknown): Date {
  return new Date(epoch == null ? Date.now() : toInteger(epoch) * 1000);
}

function spec(date: Date, isdst: number): Table {
  const first = Date.UTC(date.getUTCFullYear(), 0, 1);
  return table({
    sec: date.getUTCSeconds(),
    min: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    mday: date.getUTCDate(),
    mon: date.getUTCMonth() + 1,
    year: date.getUTCFullYear(),
    wday: date.getUTCDay() || 7,
    yday: Math.floor((date.getTime() - first) / 86_400_000) + 1,
    isdst
  });
}

function daylightSaving(date: Date): number {
  const offsets = [0, 6].map((month) => new Date(date.getFullYear(), month, 1).getTimezoneOffset());
  return date.getTimezoneOffset() < Math.max(...offsets) ? 1 : 0;
}

function fieldsOf(fields: unknown): [number, number, number, number, number, number] | null {
  if (!isTable(fields)) return null;
  const { year, mon, mday, hour, min, sec } = fields;
  const at = (value: unknown): number => toNumber(value);
  return [at(year), at(mon) - 1, at(mday), at(hour), at(min), at(sec)];
}
