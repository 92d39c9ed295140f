/** The times of the week at which the daemon may be updated: `03:00-05:00`, or `sat,sun 23:00-01:30`, in local time. */

interface Window {
  /** The days on which it begins: 1 (Monday) to 7 (Sunday). */
  days: number[];
  /** Minutes since midnight; 1440 is the next midnight. */
  from: number;
  /** How many minutes it is open. */
  minutes: number;
}

const DAY = 1440;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** What an update may take, in minutes: it does not begin later than this before the end, if the window is that long. */
const UPDATE = 30;

/** Minutes since midnight of `HH:MM`; null for what is no time of day. */
function timeOfDay(hour: string, minute: string): number | null {
  let minutes = int(hour) * 60 + int(minute);
  return int(minute) > 59 || minutes > DAY ? null : minutes;
}

/** The days of a list such as `mon-fri` or `sat,sun`; null for what is none. */
function daysOf(text: string): number[] | null {
  let days: number[] = [];
  let parts = split(text, ',');
  for (let i = 0; i < length(parts); i++) {
    let ends = split(parts[i] ?? '', '-');
    let first = index(DAYS, ends[0]);
    let last = index(DAYS, ends[length(ends) - 1]);
    if (length(ends) > 2 || first < 0 || last < 0) return null;
    for (let day = first; ; day = (day + 1) % 7) {
      push(days, day + 1);
      if (day == last) break;
    }
  }
  return days;
}

/** null if it is none, also if it begins when it ends. Without days it is open on all of them. */
function parseWindow(text: string): Window | null {
  if (length(text) > 64) return null;
  let parts = match(lc(trim(text)), /^(([a-z,-]+) +)?([0-9]{1,2}):([0-9]{2}) *- *([0-9]{1,2}):([0-9]{2})$/);
  if (!parts) return null;
  let days = daysOf(parts[2] ?? 'mon-sun');
  let from = timeOfDay(parts[3] ?? '', parts[4] ?? '');
  let to = timeOfDay(parts[5] ?? '', parts[6] ?? '');
  if (!days || from == null || to == null || from == to || from == DAY) return null;
  return { days, from, minutes: (to - from + DAY) % DAY || DAY };
}

/** For how many minutes the window has been open at this local time; null if it is closed. */
function minutesOpen(window: Window, local: TimeSpec): number | null {
  let since = local.hour * 60 + local.min - window.from;
  // One that began yesterday is open still.
  let day = since < 0 ? ((local.wday + 5) % 7) + 1 : local.wday;
  if (since < 0) since += DAY;
  return since < window.minutes && index(window.days, day) >= 0 ? since : null;
}

/**
 * Whether to update now: once in each window, and each node at a minute of its own, so that not all of them come
 * at once. `last` is when it was done before, `now` the time, both in seconds since 1970.
 */
function isUpdateDue(
  window: Window,
  local: TimeSpec,
  now: number,
  node: string,
  last: number | null
): boolean {
  let open = minutesOpen(window, local);
  if (open == null) return false;
  if (last != null && last <= now && now - last < window.minutes * 60) return false;
  let share = 0;
  for (let i = 0; i < length(node); i++) share = (share * 31 + (ord(node, i) ?? 0)) % 1000003;
  return open >= share % max(1, window.minutes - UPDATE);
}

export { isUpdateDue, minutesOpen, parseWindow };
export type { Window };
