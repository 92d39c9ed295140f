/**
 * Which of two versions of Tailscale is newer: more than 0 if `a` is, 0 if neither. Numbers that are missing count
 * as 0, and what follows a number says nothing: `1.102.5-t1234` is `1.102.5`.
 */
function compareVersions(a: string, b: string): number {
  const left = split(a, '.');
  const right = split(b, '.');
  for (let i = 0; i < max(length(left), length(right)); i++) {
    // Reads what a text begins with; NaN if that is no number.
    const difference = (int(left[i]) || 0) - (int(right[i]) || 0);
    if (difference != 0) return difference;
  }
  return 0;
}

export { compareVersions };
