import type { BootstrapState } from '../../src/shared/bootstrap-state.ts';
import { sleep } from '../tailnet/wait.ts';
import type { Device } from './device.ts';
import { describeState, progressBar } from './progress.ts';
import type { Terminal } from './terminal.ts';

/**
 * Shows the bootstrap's phases until it has become tailscaled, or something is in the way that only a person can
 * change; returns its last state. `isRunning` tells whether there is still something to wait for.
 */
export async function followBoot(
  device: Device,
  isRunning: () => boolean,
  terminal: Terminal
): Promise<BootstrapState> {
  let shown = '';
  let changed = Date.now();
  for (;;) {
    const state = await device.state();
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
      if (state.phase === 'running' || state.phase === 'blocked') return state;
    }
    if (!isRunning()) throw new Error(`The bootstrap has ended; it said:\n${await device.tailOfLog()}`);
    await sleep(50);
  }
}
