import { exponentText, fixed, general, text, toInteger, toJson, toNumber } from './values.ts';

/** As of ucode's `sprintf()`. */
export function sprintf(format: unknown, values: readonly unknown[]): string {
  let next = 0;
  return (typeof format === 'string' ? format : '').replace(
    /%(?:([1-9][0-9]*)\$)?([-#0 +]*)([1-9][0-9]*)?(?:\.(-?)([0-9]*))?([diouxXeEfFgGcsJ%])/g,
    (
      _,
      position: string | undefined,
      flags: string,
      width: string | undefined,
      negative: string | undefined,
      digits: string | undefined,
      kind: string
    ) => {
      if (kind === '%') return '%';
      const value = values[position === undefined ? next : Number(position) - 1];
      next++;
      const precision = digits === undefined ? undefined : negative === '-' ? 0 : Number(digits);
      const body = convert(kind, value, flags, precision);
      return body === null ? '(null)' : pad(body, kind, flags, Number(width ?? 0));
    }
  );
}

function convert(kind: string, value: unknown, flags: string, precision: number | undefined): string | null {
  const alternative = flags.includes('#');
  switch (kind) {
    case 'd':
    case 'i':
      return signed(BigInt(whole(value)).toString(), flags);
    case 'u':
      return unsigned(value).toString();
    case 'o':
      return (alternative ? '0' : '') + unsigned(value).toString(8);
    case 'x':
      return (alternative ? '0x' : '') + unsigned(value).toString(16);
    case 'X':
      return (alternative ? '0X' : '') + unsigned(value).toString(16).toUpperCase();
    case 'c':
      return String.fromCharCode(whole(value) & 255);
    case 's':
      if (value === null || value === undefined) return null;
      return text(value).slice(0, precision);
    case 'J': {
      const indent = precision === undefined ? '' : precision === 0 ? '\t' : ' '.repeat(precision);
      return toJson(value, indent);
    }
    default:
      return signed(real(kind, toNumber(value), precision ?? 6, alternative), flags);
  }
}

function real(kind: string, value: number, precision: number, alternative: boolean): string {
  const lower = kind.toLowerCase();
  let written: string;
  if (lower === 'g' || !Number.isFinite(value)) written = general(value, precision, alternative);
  else if (lower === 'f') written = fixed(value, precision);
  else {
    const [mantissa = '', exponent] = value.toExponential(precision).split('e');
    written = `${mantissa}e${exponentText(Number(exponent))}`;
  }
  return kind === lower ? written : written.toUpperCase();
}

function signed(number: string, flags: string): string {
  if (number.startsWith('-')) return number;
  return (flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + number;
}

function pad(body: string, kind: string, flags: string, width: number): string {
  if (flags.includes('-')) return body.padEnd(width);
  if (!flags.includes('0') || kind === 's' || kind === 'J' || kind === 'c') return body.padStart(width);
  const [prefix = ''] = /^(?:[-+ ]|0[xX])?/.exec(body) ?? [];
  return prefix + body.slice(prefix.length).padStart(width - prefix.length, '0');
}

function unsigned(value: unknown): bigint {
  return BigInt.asUintN(64, BigInt(whole(value)));
}

function whole(value: unknown): number {
  const number = toInteger(value);
  return Number.isFinite(number) ? number : 0;
}
