/**
 * Which of two versions of Tailscale is newer: more than 0 if `a` is, 0 if neither. Numbers that are missing count
 * as 0, and what follows a `-` says nothing: `1.102.5-t1234` is `1.102.5`.
 */
function compareVersions(a: string, b: string): number {
  const left = split(split(a, '-')[0] ?? '', '.');
  const right = split(split(b, '-')[0] ?? '', '.');
  for (let i = 0; i < max(length(left), length(right)); i++) {
    // Text that is no number is NaN.
    const difference = (int(left[i]) || 0) - (int(right[i]) || 0);
    if (difference != 0) return difference;
  }
  return 0;
}

export { compareVersions };
