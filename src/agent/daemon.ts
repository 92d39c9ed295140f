/** What is known of tailscaled: kept up to date by what it tells, and never asked for by who wants to know. */

import { timer } from 'uloop';
import type { Timer } from 'uloop';
import type { BackendState } from '../shared/status.ts';
import { watchBus } from './bus.ts';
import type { Notify, Warning } from './bus.ts';
import { call, request } from './localapi.ts';
import { endOfPieces, newCutter, takePiece } from './peers.ts';
import type { Devices } from './peers.ts';
import { cut, parse } from './text.ts';

/** The part of a status that does not grow with the tailnet: tailscale's ipnstate.Status. */
interface DaemonStatus {
  Version?: string;
  BackendState?: BackendState;
  HaveNodeKey?: boolean;
  AuthURL?: string;
  TailscaleIPs?: string[] | null;
  Self?: Record<string, unknown>;
  ExitNodeStatus?: { ID: string; Online: boolean } | null;
  Health?: string[] | null;
  CurrentTailnet?: { Name: string; MagicDNSSuffix: string; MagicDNSEnabled: boolean } | null;
  ClientVersion?: { LatestVersion?: string; UrgentSecurityUpdate?: boolean } | null;
  User?: Record<string, { LoginName?: string }> | null;
}

/** What of tailscale's ipn.Prefs the agent itself looks at. */
interface Preferences {
  [name: string]: unknown;
  ControlURL?: string;
  WantRunning?: boolean;
  LoggedOut?: boolean;
  ExitNodeID?: string;
  AdvertiseRoutes?: string[] | null;
  DriveShares?: unknown[] | null;
}

interface Daemon {
  reachable: boolean;
  /** Seconds of uptime since when that is so. */
  since: number;
  status?: DaemonStatus | null;
  prefs?: Preferences | null;
  warnings: Record<string, Warning>;
  /** Why the control server refused a login, in its words. */
  login_error?: string | null;
  /** Null until somebody asked for them. */
  peers?: Devices | null;
}

const daemon: Daemon = { reachable: false, since: 0, warnings: {} };

const listeners: (() => void)[] = [];
/** Lines of the bus come in bursts, and one look afterwards is enough. */
const PAUSE = 50;
/** Seconds after which the devices may have changed too much. */
const OLD = 10;
/** It does not answer, although the bus is up: it is asked until it does. */
let hangs = false;
let looking = false;
let again = false;
let look_timer: Timer | null;
let forget_timer = timer(-1, () => {
  daemon.peers = null;
});
/** Who has changed something, and wants to answer once it is known. */
let waiting: (() => void)[] = [];
/** When the devices were read. */
let peers_at = 0;
let peers_wanted: ((devices: Devices | null) => void)[] = [];

/** Seconds of uptime, with what they are made of. */
function uptime(): number {
  let now = clock(true) as [seconds: number, nanoseconds: number];
  return now[0] + now[1] / 1000000000.0;
}

/** Whole seconds of uptime. */
function seconds(): number {
  return int(uptime());
}

/** `listener` is called after each change of what is known. */
function onChange(listener: () => void): void {
  push(listeners, listener);
}

function changed(): void {
  map(listeners, (listener) => {
    listener();
  });
  // What is known may be older than what they did.
  if (again) return;
  let done = waiting;
  waiting = [];
  map(done, (tell) => {
    tell();
  });
}

function setReachable(reachable: boolean): void {
  if (daemon.reachable == reachable) return;
  daemon.reachable = reachable;
  daemon.since = seconds();
}

function lost(): void {
  setReachable(false);
  hangs = false;
  daemon.status = null;
  daemon.prefs = null;
  daemon.warnings = {};
  daemon.peers = null;
  changed();
}

function look(): void {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  again = false;
  request({ method: 'GET', path: 'status?peers=false' }, (failure, text) => {
    looking = false;
    let status = failure ? null : parse(text);
    if (type(status) == 'object') {
      daemon.status = status as DaemonStatus;
      hangs = false;
      if (daemon.status.BackendState == 'Running') daemon.login_error = null;
      setReachable(true);
      changed();
    } else {
      hangs ||= daemon.reachable;
      again ||= hangs;
      if (daemon.reachable || length(waiting) > 0) {
        setReachable(false);
        changed();
      }
    }
    if (again) look_timer?.set(daemon.reachable ? PAUSE : 1000);
  });
}

/** Calls back once what has just been changed is known. */
function lookNow(done: () => void): void {
  call('GET', 'prefs', null, (failure, prefs) => {
    if (!failure) daemon.prefs = prefs as Preferences;
    push(waiting, done);
    look();
  });
}

function take(line: Notify): void {
  if (line.ErrMessage != null) daemon.login_error = cut(line.ErrMessage, 500);
  if (line.Prefs != null) daemon.prefs = line.Prefs as Preferences;
  if (line.Health != null) daemon.warnings = line.Health.Warnings ?? {};
  if (!looking && (look_timer?.remaining() ?? 0) < 0) look_timer?.set(PAUSE);
  else again = true;
}

function readPeers(): void {
  let cutter = newCutter();
  request(
    {
      method: 'GET',
      path: 'status',
      limit: 16777216,
      on_data: (piece) => {
        takePiece(cutter, piece);
      }
    },
    (failure) => {
      let devices = failure ? null : endOfPieces(cutter);
      if (devices) {
        daemon.peers = devices;
        peers_at = uptime();
        forget_timer?.set(OLD * 1000);
      }
      let wanted = peers_wanted;
      peers_wanted = [];
      map(wanted, (tell) => {
        tell(devices);
      });
    }
  );
}

/**
 * The devices, at most ten seconds old; null if the daemon does not tell. `done` is called at once if they are
 * known, and the next who asks gets newer ones.
 */
function withPeers(done: (devices: Devices | null) => void): void {
  let age = uptime() - peers_at;
  let known = daemon.peers && age < OLD;
  if (!known || age > 2) {
    push(peers_wanted, known ? () => null : done);
    if (length(peers_wanted) == 1) readPeers();
  }
  if (known) done(daemon.peers ?? null);
}

function watchDaemon(): void {
  look_timer = timer(-1, look);
  watchBus(take, lost);
}

export { daemon, lookNow, onChange, seconds, uptime, watchDaemon, withPeers };
export type { DaemonStatus, Preferences };
