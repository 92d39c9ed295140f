/** Numbers, amounts and times, in the language of the page and the browser's time zone. */

import { el } from './elements.ts';

const language = document.documentElement.lang.replace('_', '-') || undefined;

/** The names of units are the browser's, in every language. */
function format(value: number, options: Intl.NumberFormatOptions): string {
  try {
    return new Intl.NumberFormat(language, options).format(value);
  } catch {
    // A language that is none.
    return new Intl.NumberFormat(undefined, options).format(value);
  }
}

export function number(value: number, digits = 0): string {
  return format(value, { maximumFractionDigits: digits });
}

/** An amount of data: 1.2 MB. */
export function bytes(value: number): string {
  let unit = 0;
  while (value >= 1000 && unit < 4) {
    value /= 1000;
    unit++;
  }
  return format(value, {
    style: 'unit',
    unit: ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'][unit],
    maximumFractionDigits: unit > 1 && value < 100 ? 1 : 0
  });
}

/** Of seconds, in the largest unit that fits: 3 days, 25 s. */
export function duration(seconds: number, unitDisplay: 'long' | 'narrow' | 'short' = 'long'): string {
  const [value, unit] = inLargestUnit(Math.max(0, seconds));
  return format(value, { style: 'unit', unit, unitDisplay, maximumFractionDigits: 0 });
}

export function milliseconds(value: number): string {
  return format(value, {
    style: 'unit',
    unit: 'millisecond',
    maximumFractionDigits: value < 10 ? 1 : 0
  });
}

/** A time, in seconds since 1970, as it lies from now: 3 days ago, in 5 months; exact when pointed at. */
export function when(time: number): HTMLElement | string {
  // As others tell it: it may be none.
  if (!(Math.abs(time) < 1e11)) return '…';
  const distance = time - Date.now() / 1000;
  const [value, unit] = inLargestUnit(Math.abs(distance));
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const text = words.format(distance < 0 ? -value : value, unit);
  return el('time', { datetime: new Date(time * 1000).toISOString(), title: exactly(time) }, text);
}

export function exactly(time: number): string {
  return new Date(time * 1000).toLocaleString(language);
}

function inLargestUnit(seconds: number): [number, 'second' | 'minute' | 'hour' | 'day'] {
  if (seconds < 90) return [Math.round(seconds), 'second'];
  if (seconds < 5400) return [Math.round(seconds / 60), 'minute'];
  if (seconds < 172_800) return [Math.round(seconds / 3600), 'hour'];
  return [Math.floor(seconds / 86_400), 'day'];
}
