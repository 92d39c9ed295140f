/** `String.prototype.format` of LuCI: `'%d of %s'.format(1, 'two')`. */

/** Gives all strings the method. */
export function teachStringsToFormat(): void {
  Object.assign(String.prototype, {
    format(this: string, ...values: unknown[]): string {
      return format(this, values);
    }
  });
}

/** What has no value stays as it is; `%h` is for HTML, `%m` a number with K, M, G, `%t` seconds. */
export function format(template: string, values: readonly unknown[]): string {
  let next = 0;
  return template.replace(pattern, (whole: string, ...groups: (string | undefined)[]) => {
    const [filling, left, width, precision, kind = ''] = groups;
    if (kind === '%') return '%';
    if (next >= values.length) return '';
    const value = values[next++];
    if (kind === 'm') return withUnit(Number(value) || 0, Number(width ?? 1000), precision);
    const text = (conversions[kind] ?? (() => whole))(value, precision?.slice(1));
    if (left !== undefined) return text.padEnd(Number(width ?? 0));
    return text.padStart(Number(width ?? 0), filling?.replace("'", '') ?? ' ');
  });
}

const pattern = /%('.|0| )?(-)?(\d+)?(\.\d+)?([%bcdufosxXqhjtm])/g;

type Conversion = (value: unknown, precision?: string) => string;

const conversions: Readonly<Record<string, Conversion>> = {
  b: (value) => whole(value).toString(2),
  c: (value) => String.fromCharCode(Number(value) || 0),
  d: (value) => whole(value).toFixed(0),
  f: (value, precision) => {
    const number = Number(value) || 0;
    return precision === undefined ? String(number) : number.toFixed(Number(precision));
  },
  h: (value) => escaped(value, /[&"'<>]/g),
  j: (value) => String(value),
  o: (value) => whole(value).toString(8),
  q: (value) => escaped(value, /["']/g),
  s: (value) => String(value),
  t: (value) => duration(Number(value) || 0),
  u: (value) => (whole(value) >>> 0).toFixed(0),
  x: (value) => whole(value).toString(16),
  X: (value) => whole(value).toString(16).toUpperCase()
};

function whole(value: unknown): number {
  return Math.floor(Number(value) || 0);
}

/** What is no text becomes none. */
function escaped(value: unknown, characters: RegExp): string {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return (isText ? String(value) : '').replace(characters, (character) => `&#${character.charCodeAt(0)};`);
}

function duration(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const rest = `${hours}h ${Math.floor(seconds / 60) % 60}m ${Math.floor(seconds % 60)}s`;
  return days > 0 ? `${days}d ${rest}` : rest;
}

function withUnit(number: number, step: number, precision: string | undefined): string {
  const units = [' ', ' K', ' M', ' G', ' T', ' P', ' E'];
  let unit = 0;
  while (number > step && unit < units.length - 1) {
    number /= step;
    unit++;
  }
  if (unit === 0) return `${number} `;
  const digits = precision === undefined ? 2 : Math.trunc(10 * Number(`0${precision}`));
  return `${number.toFixed(digits)}${units[unit] ?? ''}${step === 1024 ? 'i' : ''}`;
}
