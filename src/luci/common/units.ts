/** Numbers, amounts and times, in the language of the page and the browser's time zone. */

import { el } from './elements.ts';

let language: string | undefined = document.documentElement.lang.replace('_', '-');
try {
  (0).toLocaleString(language);
} catch {
  // None, or one that is none.
  language = undefined;
}

/** The names of units are the browser's, in every language. */
export function number(
  value: number,
  unit?: string,
  maximumFractionDigits = 0,
  unitDisplay?: 'long' | 'short'
): string {
  return value.toLocaleString(language, {
    style: (unit && 'unit') as 'unit' | undefined,
    unit,
    unitDisplay,
    maximumFractionDigits
  });
}

/** An amount of data: 1.2 MB. */
export function bytes(value: number): string {
  let unit = 0;
  for (; value >= 1000 && unit < 4; unit++) value /= 1000;
  const prefix = ['', 'kilo', 'mega', 'giga', 'tera'][unit] as string;
  return number(value, `${prefix}byte`, unit > 1 && value < 100 ? 1 : 0);
}

/** Of seconds, in the largest unit that fits: 3 days, 25 s. */
export function duration(seconds: number, unitDisplay: 'long' | 'short' = 'long'): string {
  const [value, unit] = inLargestUnit(Math.max(0, seconds));
  return number(value, unit, 0, unitDisplay);
}

export function milliseconds(value: number): string {
  return number(value, 'millisecond', value < 10 ? 1 : 0);
}

/** A time, in seconds since 1970, as it lies from now: 3 days ago, in 5 months; exact when pointed at. */
export function when(time: number): Node | string {
  // As others tell it: it may be none.
  if (!(Math.abs(time) < 1e11)) return '…';
  const distance = time - Date.now() / 1000;
  const [value, unit] = inLargestUnit(Math.abs(distance));
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const title = new Date(time * 1000).toLocaleString(language);
  return el('span', { title }, words.format(Math.sign(distance) * value, unit));
}

function inLargestUnit(seconds: number): [number, 'second' | 'minute' | 'hour' | 'day'] {
  if (seconds < 90) return [Math.round(seconds), 'second'];
  if (seconds < 5400) return [Math.round(seconds / 60), 'minute'];
  if (seconds < 172_800) return [Math.round(seconds / 3600), 'hour'];
  return [Math.floor(seconds / 86_400), 'day'];
}
