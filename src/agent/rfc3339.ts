/** Times as Go writes them in JSON. */

/** Seconds since 1970 of `2026-11-21T09:00:00.5+01:00`; null for Go's zero time, and for what is no time. */
function parseTime(text: unknown): number | null {
  if (type(text) != 'string') return null;
  let parts = match(
    text as string,
    /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})([.][0-9]{1,9})?(Z|([+-])([0-9]{2}):([0-9]{2}))$/
  );
  if (!parts) return null;
  let number = (at: number): number => int(parts[at] ?? '0');
  if (number(1) < 1970) return null;
  let offset = (number(10) * 60 + number(11)) * 60;
  let utc = timegm({
    year: number(1),
    mon: number(2),
    mday: number(3),
    hour: number(4),
    min: number(5),
    sec: number(6)
  });
  return utc == null ? null : parts[9] == '-' ? utc + offset : utc - offset;
}

export { parseTime };
