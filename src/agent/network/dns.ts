/** Keeps dnsmasq told of the tailnet's names. */

import { writefile } from 'fs';
import { process, timer } from 'uloop';
import type { Timer } from 'uloop';
import { cursor } from 'uci';
import type { Names } from '../../shared/network-plan.ts';
import { daemon, onChange } from '../daemon.ts';
import { RUN_DIR, saveFile, STATE_DIR } from '../flash.ts';
import { call } from '../localapi.ts';
import { onEvent } from '../server.ts';
import { option } from '../settings.ts';
import { dnsmasqSections } from './situation.ts';
import { planNames } from './names.ts';
import type { Dns } from './names.ts';

/** Changes come in bursts. */
const PAUSE_MS = 500;
const FILE = `${STATE_DIR}/names`;

let soon: Timer | null;
let busy = false;
/** What dnsmasq has been told last; null before the first time. */
let told: string | null = null;

/** `dns` is null while the tailnet is not up: what dnsmasq knows of it stays, and is refused. */
function tell(dns: Dns | null): void {
  let policy = cursor()?.get_all('tailscale-ram', 'policy');
  let out = daemon.reachable && daemon.status && !daemon.status.HaveNodeKey;
  let known = daemon.status?.CurrentTailnet;
  let suffix = known?.MagicDNSEnabled ? known.MagicDNSSuffix : '';
  let names: Names = { conf: '', servers: '', resolvers: '' };
  let off = out || policy?.names == '0' || option('tun') == 'userspace';
  if (dns && !off)
    names = planNames(
      suffix,
      dns,
      // What it answers itself.
      filter(
        map(dnsmasqSections(), (one) => one.domain as string),
        (name) => name
      ),
      policy ?? {}
    );
  if (dns || off) saveFile(FILE, names.conf);
  let now = sprintf('%J', [off, names]);
  if (now == told) return;
  told = now;
  writefile(`${RUN_DIR}/names.servers`, names.servers);
  writefile(`${RUN_DIR}/names.resolvers`, names.resolvers);
  busy = !!process('/etc/init.d/tailscale-ram-names', ['start'], {}, () => {
    busy = false;
  });
}

function work(): void {
  if (busy) {
    soon?.set(PAUSE_MS);
    return;
  }
  if (!daemon.reachable || daemon.status?.BackendState != 'Running') {
    tell(null);
    return;
  }
  call('GET', 'dns-config', null, (failure, dns) => {
    // Before 1.98 it did not tell.
    tell(failure ? {} : (dns as Dns));
  });
}

function lookAtNames(): void {
  soon?.set(PAUSE_MS);
}

function watchNames(): void {
  soon = timer(0, work);
  // It may have asked somebody else meanwhile.
  onEvent('network.interface', () => {
    told = null;
    lookAtNames();
  });
  onChange(() => {
    // Before anybody asks in vain.
    if (told != null && daemon.status?.BackendState != 'Running') work();
    else lookAtNames();
  });
}

export { lookAtNames, watchNames };
