/** Prints a figure beside its limit in one line; one above it makes the program end with 1. */
export function judge(what: string, figure: number, limit: number, unit = ''): void {
  const isKept = figure <= limit;
  if (!isKept) process.exitCode = 1;
  console.log(
    `${isKept ? 'ok  ' : 'FAIL'} ${what}: ${rounded(figure)}${unit}, limit ${rounded(limit)}${unit}`
  );
}

/** `1.08 (0.99 to 1.21)`: the median, the least and the largest of some figures. */
export function spread(figures: readonly number[]): string {
  return `${rounded(median(figures))} (${rounded(Math.min(...figures))} to ${rounded(Math.max(...figures))})`;
}

/** NaN of none. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Where the median of all there could be lies, as some of them tell, with 95 % certainty. */
export function medianInterval(figures: readonly number[]): [number, number] {
  const sorted = [...figures].sort((a, b) => a - b);
  // Of a coin thrown so often, what stays within two standard deviations.
  const rank = Math.max(0, Math.floor((sorted.length - 1.96 * Math.sqrt(sorted.length)) / 2) - 1);
  return [sorted[rank] ?? NaN, sorted[sorted.length - 1 - rank] ?? NaN];
}

export const mebibyte = 1024 * 1024;

function rounded(figure: number): string {
  return `${Number(figure.toFixed(3))}`;
}
