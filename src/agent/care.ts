/** What an unattended router does by itself: looked at each minute. All of it is off by default but the warnings. */

import { dirname, glob, readfile, stat, unlink, writefile } from 'fs';
import { interval, process } from 'uloop';
import type { Status } from '../shared/status.ts';
import { checkVersion } from './checks.ts';
import { daemon, lookNow, onChange, seconds, withPeers } from './daemon.ts';
import { findEvents } from './events.ts';
import type { Event, Known } from './events.ts';
import { RUN_DIR, saveFile, STATE_DIR, sync } from './flash.ts';
import { callAll, request } from './localapi.ts';
import { parseMetrics, rates, trafficByPath } from './metrics.ts';
import { unpackAll } from './peers.ts';
import type { Devices } from './peers.ts';
import { probe, read, trackUrl } from './network-probe.ts';
import { runProgram } from './programs.ts';
import { beyondCompact } from './preferences.ts';
import { option, stateFile } from './settings.ts';
import { FLASH_KIB } from './problems.ts';
import { care, describeAll } from './status.ts';
import { cut, parse } from './text.ts';
import { isUpdateDue, parseWindow } from './update-window.ts';
import {
  lastGood,
  noteGood,
  restartDaemon,
  runningVersion,
  setAside,
  startUpdate,
  whatRuns
} from './versions.ts';
import { watch } from './watchdog.ts';
import type { WatchdogAction, WatchdogState } from './watchdog.ts';

const EVENTS = `${STATE_DIR}/events.d`;
const IN_USE = `${STATE_DIR}/in-use`;
const CERTIFICATES = '/etc/tailscale/certs/*.crt';
const HISTORY = `${STATE_DIR}/watchdog.json`;
const KNOWN = `${RUN_DIR}/known.json`;
const LAST_UPDATE = `${RUN_DIR}/last-update`;
/** Seconds that a version has to be Running to be a good one, or may take to get there. */
const PROVEN = 600;
const HOUR = 3600;
const DAY = 86400;

let known: Known | null = null;
let running_since: number | null = null;
let metrics: string[] = [];
let watchdog: WatchdogState = { since: null, tried: null, history: {} };
/** Uptime when the index was read last, and when the flash was looked at. */
let index_read = -DAY;
let flash_read = -HOUR;

/** The programs that want to know of events; root's alone. */
function handlers(): string[] {
  return filter(glob(`${EVENTS}/*`) ?? [], (file) => {
    let found = stat(file);
    return found?.type == 'file' && found.uid == 0 && found.perm.user_exec && !found.perm.other_write;
  });
}

function tell(event: Event): void {
  if (!match(event[0] ?? '', /^peer-/)) warn(`${join(' ', event)}\n`);
  map(handlers(), (file) => process(file, event, {}, () => null));
}

function lookForEvents(): void {
  let look = (devices: Devices | null): void => {
    let peers = devices && map(unpackAll(devices), (row) => ({ id: row[0], name: row[1], online: row[7] }));
    let found = findEvents(known, describeAll(), peers, time());
    known = found.known;
    if (length(found.events) > 0) writefile(KNOWN, sprintf('%J', known));
    map(found.events, tell);
  };
  if (daemon.reachable && length(handlers()) > 0) withPeers(look);
  else look(null);
}

/** A version that has been Running for ten minutes is good; one that never is, where the last one was, is not. */
function judgeVersion(now: number, running: boolean): void {
  running_since = running ? (running_since ?? now) : null;
  if (running_since != null && now - running_since >= PROVEN) noteGood();
  let good = lastGood();
  let version = runningVersion();
  let wanted = daemon.prefs?.WantRunning && daemon.status?.HaveNodeKey;
  if (running || !daemon.reachable || !wanted || !good || !version || good == version) return;
  if (now - daemon.since < PROVEN) return;
  probe(daemon.prefs?.ControlURL ?? trackUrl(), (reachable) => {
    if (!reachable || !setAside(version)) return;
    warn(`${version} is not Running; back to ${good}\n`);
    startUpdate('rollback', good, () => null);
  });
}

/** What is in use and no compact build has: as long as that is on flash, the bootstrap takes none by itself. */
function noteUse(): void {
  if (!daemon.prefs) return;
  let used: string[] = [];
  if (index(whatRuns(), ' official.') > 0) {
    used = beyondCompact(daemon.prefs);
    if (daemon.prefs.DriveShares?.[0]) push(used, 'drive');
    // What was reset is `{}`: four characters.
    if (match(readfile(stateFile()) ?? '', /"_serve\/[^"]*": "[^"]{5}/)) push(used, 'serve');
    if (glob(CERTIFICATES)?.[0]) push(used, 'cert');
  }
  if (used[0]) saveFile(IN_USE, join(', ', used));
  else unlink(IN_USE);
}

/** Once a day: which is the newest version. Of security updates, only tailscaled itself knows. */
function lookForNewest(now: number): void {
  let told = daemon.status?.ClientVersion;
  let security = told?.UrgentSecurityUpdate == true;
  if (told?.LatestVersion) care.newest = { version: cut(told.LatestVersion, 32), security };
  if (now - index_read < DAY) return;
  index_read = now;
  read(`${trackUrl()}?mode=json`, (text) => {
    let newest = checkVersion((parse(text) as { TarballsVersion?: unknown } | null)?.TarballsVersion);
    if (newest.value) care.newest = { version: newest.value, security };
    // In an hour.
    else index_read = now - DAY + HOUR;
  });
}

function lookForUpdate(): void {
  let window = parseWindow(option('update_window'));
  if (!window) return;
  let last = readfile(LAST_UPDATE);
  let node = cut(daemon.status?.Self?.ID, 64);
  if (!isUpdateDue(window, localtime(), time(), node, last == null ? null : int(last))) return;
  writefile(LAST_UPDATE, `${time()}`);
  startUpdate('update', '', () => null);
}

function act(action: WatchdogAction): void {
  warn(`no tailnet: ${action}\n`);
  let good = lastGood();
  if (action == 'rebind') callAll([['POST', 'debug?action=rebind']], () => null);
  else if (action == 'restart') restartDaemon();
  else if (action == 'last-good' && good) startUpdate('rollback', good, () => null);
  else if (action == 'reboot') process('/sbin/reboot', [], {}, () => null);
}

/**
 * Without a relay, a node is not found by others. tailscaled does not look for its own again after a network map
 * without relays, which headscale sends now and then when a node comes back: it has to be told.
 */
function lookForRelay(): void {
  if (!daemon.warnings['no-derp-connection'] || !daemon.status?.Self?.Online) return;
  callAll(
    [
      ['POST', 'debug?action=derp-set-homeless'],
      ['POST', 'debug?action=derp-unset-homeless']
    ],
    () => null
  );
}

function lookAfterTailnet(now: number, tailnet: boolean): void {
  let hours = int(option('watchdog_hours')) || 0;
  let wanted = daemon.prefs?.WantRunning ?? true;
  let seen = { internet: true, tailnet: tailnet || !wanted, uptime: now, now: time(), hours };
  let next = watch(watchdog, seen);
  if (!next.action) {
    watchdog = next.state;
    return;
  }
  // Only now it matters whether the Internet is there.
  probe(trackUrl(), (internet) => {
    let decided = watch(watchdog, { ...seen, internet });
    watchdog = decided.state;
    care.watchdog = watchdog.history;
    let action = decided.action;
    // What it has done is on flash before it does it.
    if (action && saveFile(HISTORY, sprintf('%J', watchdog.history)))
      sync(() => {
        act(action);
      });
  });
}

/** The tunnel's bytes of the last five minutes, by path. */
function lookAtTraffic(): void {
  request({ method: 'GET', path: 'usermetrics' }, (failure, text) => {
    if (failure) return;
    // As text, they take a tenth of the memory.
    let now = join(
      '\n',
      filter(split(text, '\n'), (line) => index(line, 'bound_bytes_total') > 0)
    );
    push(metrics, now);
    if (length(metrics) > 5) shift(metrics);
    care.traffic = trafficByPath(rates(parseMetrics(metrics[0] ?? ''), parseMetrics(now), 1));
  });
}

/** How much is free where the identity lies, which only df can tell: hourly, and each minute while it is too little. */
function lookAtFlash(now: number): void {
  let full = (care.flash_free_kib ?? FLASH_KIB) < FLASH_KIB;
  if (now - flash_read < HOUR && !full) return;
  flash_read = now;
  runProgram(['/bin/df', '-Pk', dirname(stateFile()) ?? '/'], (code, output) => {
    let free = code == 0 ? match(output, / ([0-9]+) +[0-9]+% /) : null;
    care.flash_free_kib = free && int(free[1]);
  });
}

function everyMinute(): void {
  let now = seconds();
  let running = daemon.reachable && daemon.status?.BackendState == 'Running';
  lookForEvents();
  lookForRelay();
  lookAtTraffic();
  lookAtFlash(now);
  // One that hangs tells nothing, and so not that either.
  lookNow(() => null);
  judgeVersion(now, running);
  noteUse();
  lookForNewest(now);
  lookForUpdate();
  lookAfterTailnet(now, running && daemon.status?.Self?.Online == true);
}

function startCare(): void {
  known = parse(readfile(KNOWN)) as Known | null;
  watchdog.history = parse(readfile(HISTORY)) ?? {};
  care.watchdog = watchdog.history;
  let state: Status['state'] = null;
  let relay = true;
  onChange(() => {
    let now = (daemon.reachable && daemon.status?.BackendState) || null;
    if (now != state) lookForEvents();
    state = now;
    if (relay) lookForRelay();
    relay = !daemon.warnings['no-derp-connection'];
  });
  interval(60000, everyMinute);
}

export { startCare };
