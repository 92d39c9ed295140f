import type { Terminal } from './terminal.ts';

/** This process is the namespace's init: what it started ends with it. */
export function endOnCtrlC(
  terminal: Terminal,
  before: () => Promise<unknown> = () => Promise.resolve()
): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      terminal.line('Ends.');
      void before().finally(() => process.exit(0));
    });
  }
}
