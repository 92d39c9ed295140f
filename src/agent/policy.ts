/**
 * What the router decides, whatever somebody sets on the command line: dnsmasq does the names and fw4 the firewall,
 * so tailscaled does neither. Put back at once.
 */

import { daemon, uptime } from './daemon.ts';
import { call } from './localapi.ts';
import { differences, policyPatch } from './preferences.ts';

/** How long it is told that something was put back, in seconds. */
const TOLD = 3600;

let names: string[] = [];
let at = 0;
let busy = false;

/** To be called after each change of what is known. */
function enforce(): void {
  let prefs = daemon.reachable ? daemon.prefs : null;
  let patch = prefs && policyPatch(prefs);
  if (busy || !prefs || !patch) return;
  busy = true;
  // Without an identity they are tailscaled's defaults, and nobody's wish.
  if (daemon.status?.HaveNodeKey) {
    names = differences(patch, prefs);
    at = uptime();
    warn(`the router decides ${join(', ', names)}\n`);
  }
  call('PATCH', 'prefs', patch, (failure, after) => {
    busy = false;
    if (!failure) daemon.prefs = after as typeof prefs;
  });
}

/** Names of the preferences that were put back within the last hour. */
function overridden(): string[] {
  return uptime() - at < TOLD ? names : [];
}

export { enforce, overridden };
