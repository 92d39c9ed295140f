import type { Program } from '../tailnet/namespaces.ts';
import type { Router } from '../tailnet/router.ts';
import { sleep } from '../tailnet/wait.ts';
import { describeState, progressBar } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** Starts the router's service and shows the bootstrap's phases until it has become tailscaled. */
export async function boot(router: Router, terminal: Terminal): Promise<Program> {
  const program = router.start();
  let shown = '';
  let changed = Date.now();
  for (;;) {
    const state = await router.state();
    if (state) {
      const text = describeState(state);
      if (text !== shown) {
        terminal.line(`  ${text}`);
        shown = text;
        changed = Date.now();
      }
      if (state.phase === 'downloading') {
        terminal.change(`  ${progressBar(state, (Date.now() - changed) / 1000)}`);
      }
      if (state.phase === 'running') return program;
    }
    if (!program.running) throw new Error(`The bootstrap has ended; it said:\n${await router.tailOfLog()}`);
    await sleep(50);
  }
}
