/**
 * Calls `probe` until it returns something true and returns that; throws after `seconds`, naming `what` and
 * the last error of the probe. Between two calls it pauses for as long as a call took, or longer: `pauseMs`.
 */
export async function waitFor<T>(
  what: string,
  seconds: number,
  probe: () => T | Promise<T>,
  pauseMs = 50
): Promise<Exclude<T, Nothing>> {
  const end = Date.now() + seconds * 1000;
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
    if (now > end) throw new Error(`${what}: not within ${seconds} s`, { cause: problem });
    await sleep(Math.max(pauseMs, now - began));
  }
}

type Nothing = false | 0 | '' | null | undefined;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
