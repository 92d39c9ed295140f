import { readFileSync } from 'node:fs';

/**
 * Calls `probe` until it returns something true and returns that; throws after `seconds`, naming `what` and
 * the last error of the probe. Between two calls it pauses for as long as a call took, or longer: `pauseMs`.
 * A second in which somebody on this machine waited for a processor counts as a third.
 */
export async function waitFor<T>(
  what: string,
  seconds: number,
  probe: () => T | Promise<T>,
  pauseMs = 50
): Promise<Exclude<T, Nothing>> {
  const start = Date.now();
  const waited = waitedForProcessor();
  let problem: unknown;
  for (;;) {
    const began = Date.now();
    try {
      const result = await probe();
      if (result) return result as Exclude<T, Nothing>;
    } catch (error) {
      problem = error;
    }
    const now = Date.now();
    const counted = now - start - ((waitedForProcessor() - waited) * 2) / 3;
    if (counted > seconds * 1000) throw new Error(`${what}: not within ${seconds} s`, { cause: problem });
    await sleep(Math.max(pauseMs, now - began));
  }
}

type Nothing = false | 0 | '' | null | undefined;

/** Milliseconds since the machine started in which somebody waited for a processor; 0 where the kernel does not count. */
function waitedForProcessor(): number {
  try {
    const [, total] = /^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? [];
    return Number(total ?? 0) / 1000;
  } catch {
    return 0;
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
