import type { NetworkReport } from '../../shared/network-plan.ts';
import type { Status } from '../../shared/status.ts';
import { ask } from './agent.ts';

/**
 * Calls `show` with how the router's networks and the tailnet hang together. Returns what to call with each status:
 * it takes the router some time, so it is asked anew each minute, or when something has changed.
 */
export function followNetwork(show: (report: NetworkReport) => void): (status: Status) => void {
  let asked = -Infinity;
  let of: string;
  return ({ state, routes, problems }) => {
    const now = JSON.stringify([state, routes, problems.map(({ code }) => code)]);
    if (now === of && performance.now() - asked < 60_000) return;
    of = now;
    asked = performance.now();
    // What cannot be asked is said on top already.
    ask<NetworkReport>('network').then(show, () => undefined);
  };
}
