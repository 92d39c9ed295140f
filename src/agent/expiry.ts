/** When to warn that the node's key expires. */

/** What was warned of: the key's expiry (seconds since 1970) and the mark (days before it). */
interface Warned {
  expiry: number;
  days: number;
}

const MARKS = [1, 3, 7, 14, 30];
const DAY = 86400;

/**
 * The warning that is due now, or null: one for each mark of 30, 14, 7, 3 and 1 days that is passed, the last of
 * them only if several are. What it returns is what to keep for the next call, and `left` are whole days. A key
 * that never expires (null), or has expired, is not warned of.
 */
function dueWarning(
  expiry: number | null,
  now: number,
  warned: Warned | null
): (Warned & { left: number }) | null {
  if (expiry == null || expiry <= now) return null;
  for (let i = 0; i < length(MARKS); i++) {
    let days = MARKS[i] as number;
    if (expiry - now > days * DAY) continue;
    if (warned?.expiry == expiry && warned.days <= days) return null;
    return { expiry, days, left: int((expiry - now) / DAY) };
  }
  return null;
}

export { dueWarning };
export type { Warned };
