/**
 * Calls `probe` until it returns something true and returns that; throws after `seconds`, naming `what` and
 * the last error of the probe.
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
    try {
      const result = await probe();
      if (result) return result as Exclude<T, Nothing>;
    } catch (error) {
      problem = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`, { cause: problem });
    await sleep(pauseMs);
  }
}

type Nothing = false | 0 | '' | null | undefined;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
