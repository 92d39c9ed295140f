/** Text that others wrote, made fit for one line of a log, a page or an argument. */

/**
 * A text without control characters (a NUL and a newline become blanks) and of at most `limit` bytes, of which the
 * last three are `…` if something is missing. '' for what is no text.
 */
function oneLine(text: unknown, limit: number): string {
  if (type(text) != 'string') return '';
  let rest = text as string;
  if (length(rest) > limit) {
    let end = limit - 3;
    // Not within a character of UTF-8.
    while (end > 0 && ((ord(rest, end) ?? 0) & 192) == 128) end--;
    rest = substr(rest, 0, end) + '…';
  }
  // A pattern ends at a NUL.
  return replace(join(' ', split(rest, '\0')), /[[:cntrl:]]/g, ' ');
}

export { oneLine };
