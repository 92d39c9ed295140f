/** The reply of `status`, made of what is known already: nothing that others have to answer, nothing that grows. */

import { access, glob, lstat, readfile } from 'fs';
import type { BootstrapState } from '../shared/bootstrap-state.ts';
import type { Problem } from '../shared/problems.ts';
import type { SelfStatus, Status } from '../shared/status.ts';
import { compareVersions } from './compare-versions.ts';
import { unconfirmed } from './confirm.ts';
import { daemon, seconds, uptime, withPeers } from './daemon.ts';
import { RUN_DIR } from './flash.ts';
import { daemonPid } from './localapi.ts';
import { findDevice, name } from './peers.ts';
import { overridden } from './policy.ts';
import { findProblems } from './problems.ts';
import type { Facts } from './problems.ts';
import { stateFile } from './settings.ts';
import { cut, cutAll, timeOf } from './text.ts';
import { readState, runningVersion } from './versions.ts';

const TRAFFIC = '/sys/class/net/tailscale0/statistics';

/** What is looked up in /proc and /sys, and for how many seconds that is new enough. */
const MEASURED = 2;
let measured_at = -MEASURED;
let problems: Problem[] = [];
let changed = true;
let measured: Pick<Status, 'memory' | 'traffic'>;

/** What `findProblems` needs besides: set by who knows. */
const care: Pick<Facts, 'provision' | 'watchdog' | 'traffic' | 'udp' | 'flash_free_kib' | 'network'> & {
  newest?: Status['newest'];
} = { watchdog: {}, network: { findings: [], refused: null } };

let exit_node: { id: string; name: string | null } = { id: '', name: null };

/** The bytes that a process holds for itself; null if there is none of this number. */
function ownMemory(pid: number | string | null): number | null {
  let pages = match(readfile(`/proc/${pid ?? 0}/statm`) ?? '', /^[0-9]+ ([0-9]+) ([0-9]+)/);
  return pages ? (int(pages[1]) - int(pages[2])) * 4096 : null;
}

/** Of /proc/meminfo, the kibibytes that a line tells; in bytes. */
function kibibytes(text: string, line: RegExp): number {
  return int(match(text, line)?.[1] ?? 0) * 1024;
}

function measure(): void {
  let now = uptime();
  if (now - measured_at < MEASURED) return;
  measured_at = now;
  let received = readfile(`${TRAFFIC}/rx_bytes`);
  let sent = readfile(`${TRAFFIC}/tx_bytes`);
  let meminfo = readfile('/proc/meminfo') ?? '';
  let files = 0;
  map(glob('/tmp/tailscale-ram/bin/*', '/tmp/tailscale-ram/packed.*') ?? [], (file) => {
    let found = lstat(file);
    if (found?.type == 'file') files += found.size;
  });
  measured = {
    traffic: received == null ? null : { received: int(received), sent: int(sent) },
    memory: {
      daemon: daemon.reachable ? ownMemory(daemonPid()) : null,
      agent: ownMemory('self'),
      files,
      total: kibibytes(meminfo, /MemTotal: +([0-9]+)/),
      // Of compressed swap, what it takes is about half of what it holds.
      free: kibibytes(meminfo, /MemAvailable: +([0-9]+)/) + (kibibytes(meminfo, /SwapFree: +([0-9]+)/) >> 1)
    }
  };
}

/** The file of the node's key, which nobody but root may read; not there before the first login. */
function isIdentityReadable(): boolean {
  let file = stateFile();
  return !access(file, 'f') || !!access(file, 'r');
}

function findAll(status: Omit<Status, 'problems'>): Problem[] {
  return findProblems({
    ...care,
    now: time(),
    uptime: seconds(),
    status,
    daemon_since: daemon.since,
    have_node_key: !!daemon.status?.HaveNodeKey,
    warnings: daemon.warnings,
    login_error: daemon.login_error,
    starts: readfile(`${RUN_DIR}/starts`),
    identity_readable: isIdentityReadable(),
    overridden: overridden(),
    take_over: readState('take-over.json') as Facts['take_over']
  });
}

function showSelf(): SelfStatus | null {
  let self = daemon.status?.Self;
  if (!self || !self.ID) return null;
  let owner = daemon.status?.User?.[`${self.UserID as number}`]?.LoginName;
  return {
    id: cut(self.ID, 64),
    name: name(self.DNSName),
    host_name: cut(self.HostName, 254),
    addresses: cutAll(self.TailscaleIPs, 4, 45),
    owner: cut(owner, 254) || null,
    tags: cutAll(self.Tags, 20, 64),
    key_expiry: timeOf(self.KeyExpiry),
    online: self.Online == true,
    relay: cut(self.Relay, 16) || null
  };
}

/** The name of the exit node is that of a device, so it is looked up once. */
function showExitNode(): Status['exit_node'] {
  let used = daemon.status?.ExitNodeStatus;
  let id = cut(used?.ID ?? daemon.prefs?.ExitNodeID, 64);
  if (id == '') return null;
  if (exit_node.id != id) {
    exit_node = { id, name: null };
    withPeers((devices) => {
      let row = devices && findDevice(devices, id);
      if (row && exit_node.id == id) exit_node.name = row[1];
    });
  }
  return { id, name: exit_node.name, online: used?.Online == true };
}

/** Of the routes that this router offers, those that others may use. */
function showRoutes(): Status['routes'] {
  let offered = cutAll(daemon.prefs?.AdvertiseRoutes, 256, 49);
  let allowed = cutAll(daemon.status?.Self?.AllowedIPs, 300, 49);
  return { offered, approved: filter(offered, (route) => index(allowed, route) >= 0) };
}

function describeAll(): Omit<Status, 'problems'> {
  measure();
  let status = daemon.reachable ? daemon.status : null;
  let tailnet = status?.CurrentTailnet;
  let version = status ? runningVersion() : null;
  return {
    bootstrap: readState('bootstrap.json') as BootstrapState | null,
    daemon: daemon.reachable,
    state: status?.BackendState ?? null,
    version,
    // The daemon may have become it meanwhile.
    newest: care.newest && compareVersions(care.newest.version, version ?? '') > 0 ? care.newest : null,
    login_server: cut(daemon.prefs?.ControlURL, 255) || null,
    login_url: cut(status?.AuthURL, 1024) || null,
    self: showSelf(),
    tailnet: tailnet
      ? {
          name: cut(tailnet.Name, 254),
          suffix: cut(tailnet.MagicDNSSuffix, 254),
          magic_dns: tailnet.MagicDNSEnabled
        }
      : null,
    exit_node: showExitNode(),
    routes: showRoutes(),
    ...measured,
    unconfirmed: unconfirmed()
  };
}

/** From memory, but for what is older than two seconds in /proc, /sys and the bootstrap's files. */
function showStatus(): Status {
  let old = uptime() - measured_at >= MEASURED;
  let status = describeAll();
  if (old || changed) problems = findAll(status);
  changed = false;
  return { ...status, problems };
}

/** To be called after each change of what is known. */
function lookAnew(): void {
  changed = true;
}

export { care, describeAll, lookAnew, showStatus };
