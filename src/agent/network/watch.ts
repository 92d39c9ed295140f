/** Keeps the firewall and the routes as the tailnet needs them: planned anew after each change that could matter. */

import { process, timer } from 'uloop';
import type { Timer } from 'uloop';
import { daemon, onChange } from '../daemon.ts';
import { usesExitNode } from '../preferences.ts';
import { onEvent } from '../server.ts';
import { care } from '../status.ts';
import { apply, BUSY, lastKnown } from './apply.ts';
import type { Known } from '../../shared/network-plan.ts';
import { makePlan } from './plan.ts';
import { readSituation } from './situation.ts';

/** Events come in bursts. */
const PAUSE_MS = 500;
/** What could not be done is tried again. What fw4 refuses, somebody has to mend. */
const AGAIN_MS = 60000;
const MENDED_MS = 600000;

let busy = false;
let seen = '';
/** What the tunnel was told last; nothing while there is none. */
let told = '';
let telling = false;
let soon: Timer | null;

function work(): void {
  if (busy) {
    soon?.set(PAUSE_MS);
    return;
  }
  busy = true;
  let ended = (refusal: string | null): void => {
    busy = false;
    if (refusal != null) soon?.set(refusal == BUSY ? AGAIN_MS : MENDED_MS);
  };
  readSituation(lastKnown(), (situation) => {
    if (!situation) {
      ended(BUSY);
      return;
    }
    // The ways to the Internet may be others.
    if (situation.exit_offered) process('/usr/libexec/tailscale-ram/tunnel-routes', ['exit'], {}, () => null);
    let plan = makePlan(situation);
    apply(plan, situation.known as Known, (refusal) => {
      care.network = { findings: plan.findings, refused: refusal };
      ended(refusal);
    });
  });
}

/** Once what comes with it has come, too. */
function planSoon(): void {
  soon?.set(PAUSE_MS);
}

/**
 * Once for each tunnel, and whenever an exit node comes into use or is not used any more. Before it has an address:
 * tailscaled takes any change after that for another network, and connects anew.
 */
function tellTunnel(): void {
  let prefs = daemon.reachable ? daemon.prefs : null;
  let order = !prefs ? '' : usesExitNode(prefs) ? 'del' : 'replace';
  if (telling || order == told) return;
  told = order;
  if (order == '') return;
  telling = !!process('/usr/libexec/tailscale-ram/tunnel-routes', [order], {}, () => {
    telling = false;
    tellTunnel();
  });
}

function look(): void {
  let prefs = daemon.prefs;
  let now = sprintf('%J', [
    daemon.reachable,
    daemon.status?.HaveNodeKey,
    prefs?.NoSNAT,
    prefs && usesExitNode(prefs),
    prefs?.AdvertiseRoutes
  ]);
  if (now != seen) planSoon();
  seen = now;
  tellTunnel();
}

function watchNetwork(): void {
  soon = timer(-1, work);
  onChange(look);
  // netifd's.
  onEvent('network.interface', (_kind, data) => {
    // Routes of IPv6 that lead nowhere go with it, at a restart of the network.
    if (data.interface == 'loopback') {
      told = '';
      tellTunnel();
    }
    planSoon();
  });
  // The firewall's, which may have other zones now.
  onEvent('tailscale-ram.firewall', planSoon);
  planSoon();
}

export { planSoon, watchNetwork };
