import type { Terminal } from './terminal.ts';

/** What this process has started ends with it: it is all that is in its namespaces. */
export function endOnCtrlC(
  terminal: Terminal,
  before: () => Promise<unknown> = () => Promise.resolve()
): void {
  let isEnding = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // It comes from the terminal, and from who has started this.
    process.on(signal, () => {
      if (isEnding) return;
      isEnding = true;
      terminal.line('Ends.');
      void before().finally(() => process.exit(0));
    });
  }
}
