/** The times of the week at which the daemon may be updated: `03:00-05:00`, or `sat,sun 23:00-01:30`, in local time. */

interface Window {
  /** The days on which it begins: 1 (Monday) to 7 (Sunday). */
  days: number[];
  /** Minutes since midnight. */
  from: number;
  /** How many minutes it is open. */
  minutes: number;
}

const DAY = 1440;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** What an update may take, in minutes: it does not begin later than this before the end, if the window is that long. */
const UPDATE = 30;

/** null if it is none. Without days it begins on all of them; if it ends when it begins, it is open for a day. */
function parseWindow(text: string): Window | null {
  let parts = match(
    lc(substr(text, 0, 64)),
    /^ *(([a-z,]+) +)?([01]?[0-9]|2[0-3]):([0-5][0-9]) *- *([01]?[0-9]|2[0-3]):([0-5][0-9]) *$/
  );
  if (!parts) return null;
  let days = map(split(parts[2] ?? join(',', DAYS), ','), (day) => index(DAYS, day) + 1);
  let from = int(parts[3]) * 60 + int(parts[4]);
  let to = int(parts[5]) * 60 + int(parts[6]);
  return index(days, 0) >= 0 ? null : { days, from, minutes: (to - from + DAY) % DAY || DAY };
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
  for (let i = 0; i < length(node); i++) share = (share * 31 + (ord(node, i) as number)) % 1000003;
  return open >= share % max(1, window.minutes - UPDATE);
}

export { isUpdateDue, minutesOpen, parseWindow };
export type { Window };
