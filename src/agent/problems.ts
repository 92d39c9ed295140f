/** What is wrong, and what mends it. */

import { problems as severities } from '../shared/problems.ts';
import type { Problem, Severity } from '../shared/problems.ts';
import type { Status } from '../shared/status.ts';
import type { TakeOverState } from '../shared/take-over-state.ts';
import { minimumVersion32Bit } from '../shared/versions.ts';
import { compareVersions } from './compare-versions.ts';
import type { TrafficByPath } from './metrics.ts';
import { oneLine } from './one-line.ts';
import { lastAction } from './watchdog.ts';
import type { WatchdogHistory } from './watchdog.ts';

/** What is known. Null is what is not; of `status` each part may be. */
interface Facts {
  /** Seconds since 1970. */
  now: number;
  /** Seconds. */
  uptime: number;
  status: Omit<Status, 'problems'>;
  /** Uptime since when tailscaled answers, or does not. */
  daemon_since: number;
  /** LocalAPI's HaveNodeKey: it has logged in before, wherever the control server is now. */
  have_node_key: boolean;
  /** The bus' Health.Warnings, by code. */
  warnings: Record<string, HealthWarning>;
  /** The bus' last ErrMessage of a login. */
  login_error: string | null;
  /** Bytes of the last minutes, or since the daemon's start. */
  traffic: TrafficByPath | null;
  /** Whether UDP reaches the Internet, as the last netcheck found. */
  udp: boolean | null;
  /** MemAvailable. */
  available_kib: number | null;
  /** The bootstrap's file `starts`: when the daemon was started, and how often in a row it died right away. */
  starts: string | null;
  identity_readable: boolean;
  /** Where the identity lies. */
  flash_free_kib: number | null;
  /** Preferences that somebody changed against the router's policy, which were put back. */
  overridden: string[];
  /** How the last try of the unattended login failed. */
  provision: { code: string; detail: string } | null;
  take_over: TakeOverState | null;
  watchdog: WatchdogHistory;
}

/** tailscale's health.UnhealthyState. Nothing of it is checked. */
interface HealthWarning {
  Severity?: string;
  Text?: string;
  Args?: Record<string, string> | null;
}

type Arguments = Problem['arguments'];
type Add = (code: string, args?: Arguments, severity?: Severity) => void;

const DAY = 86400;
/** What tailscaled may take to answer, to reach its control server, to have lived. All in seconds. */
const PATIENCE = 60;
const SETTLED = 600;
const LOW_KIB = 8192;
/** For the identity to be written: a file of a few kilobytes, and its successor beside it. */
const FLASH_KIB = 64;
/** The tunnel's first packets always go through a relay. */
const RELAYED_BYTES = 100000;
const MOST = 8;

/** The method that mends it, where there is one: without arguments an exit node is given up, and a version let go. */
const REMEDIES: Record<string, string> = {
  'logged-out': 'login',
  'login-refused': 'login',
  'key-expired': 'reauth',
  'key-expires-soon': 'reauth',
  'control-unreachable': 'rebind',
  'only-relayed': 'rebind',
  'daemon-crash-loop': 'rollback',
  'version-faulty': 'update',
  'update-available': 'update',
  'security-update': 'update',
  'identity-unreadable': 'forget_identity',
  'exit-node-offline': 'exit_node',
  'version-missing': 'pin'
};
/** Of the bootstrap's errors, those that no retry mends. */
const ADVICE_ALONE = ['arch-unsupported', 'other-tailscaled', 'tun-missing'];

/** tailscaled's ipn.StateStoreHealth: the file with the node's identity is there and makes no sense. */
const STORE = 'state-store-health';
/** Of tailscaled's health, what is said otherwise, or is no problem. */
const SAID = [
  'login-state',
  'mapresponse-timeout',
  'no-udp4-bind',
  'not-in-map-poll',
  'security-update-available',
  STORE,
  'update-available',
  'wantrunning-false',
  'warming-up'
];

/** What others said, in short. */
function say(text: unknown): string {
  return oneLine(text, 300);
}

/** Where an admin looks after this device: its page at Tailscale, or else the control server. */
function adminPage(status: Facts['status']): string {
  let server = status.login_server ?? '';
  return server == '' || server == 'https://controlplane.tailscale.com'
    ? `https://login.tailscale.com/admin/machines/${status.self?.addresses[0] ?? ''}`
    : say(server);
}

function findBootstrapProblems(facts: Facts, add: Add): void {
  let bootstrap = facts.status.bootstrap;
  let error = bootstrap?.error;
  if (error)
    add(error.code, { detail: say(error.detail) }, bootstrap?.phase == 'blocked' ? 'error' : 'warning');

  let starts = match(say(facts.starts), /^([0-9]+) [0-9]+ ([0-9]+) ([0-9]+)/);
  let deaths = int(starts?.[2] ?? '0') + int(starts?.[3] ?? '0');
  if (deaths >= 2 && facts.uptime - int(starts?.[1] ?? '0') < SETTLED)
    add('daemon-crash-loop', { deaths, starved: int(starts?.[3] ?? '0') });
  else if (
    !facts.status.daemon &&
    bootstrap?.phase == 'running' &&
    facts.uptime - facts.daemon_since >= PATIENCE
  )
    add('daemon-unreachable', { seconds: facts.uptime - facts.daemon_since });

  let version = facts.status.version ?? bootstrap?.version;
  let arch = bootstrap?.arch;
  // The keys of 64-bit architectures say so, and no others.
  if (version && arch && index(arch, '64') < 0 && compareVersions(version, minimumVersion32Bit) < 0)
    add('version-faulty', { version: say(version), minimum: minimumVersion32Bit });
  let newest = facts.status.newest;
  if (version && newest && compareVersions(newest.version, version) > 0)
    add(newest.security ? 'security-update' : 'update-available', {
      version: say(version),
      newest: say(newest.version)
    });
}

/** Whether these words of tailscaled tell of the way to its control server, and not of its answer. */
function isAboutNetwork(words: string): boolean {
  return !!match(
    words,
    /fetch control key|dial |lookup |connection re|no such host|unreachable|time(d )?out|deadline|EOF|tls: |x509|http 5[0-9][0-9]/i
  );
}

function findLoginProblems(facts: Facts, add: Add): void {
  let status = facts.status;
  let state = status.state;
  let health = facts.warnings['login-state']?.Args?.['error'];
  let words = say(facts.login_error || health);
  let server = say(status.login_server);
  let unsynced = facts.warnings['not-in-map-poll'] ?? facts.warnings['mapresponse-timeout'];
  let expiry = status.self?.key_expiry;

  if (state == 'Running') {
    if (unsynced) add('control-unreachable', { server, message: say(unsynced.Text) });
  } else if (words != '' && !(state == 'Stopped' && facts.have_node_key)) {
    // With a key it is not logged out, whatever tailscaled calls it: it has not heard from the server yet.
    let away = isAboutNetwork(words) || (state == 'NoState' && facts.have_node_key);
    add(away ? 'control-unreachable' : 'login-refused', { server, message: words });
  } else if (state == 'NeedsMachineAuth') {
    add('approval-needed', { admin: adminPage(status) });
  } else if (state == 'NeedsLogin') {
    if (facts.have_node_key && expiry != null && expiry <= facts.now) add('key-expired', { expiry });
    else add('logged-out');
  } else if ((state == 'NoState' || state == 'Starting') && !facts.warnings[STORE]) {
    if (unsynced || facts.uptime - facts.daemon_since >= PATIENCE)
      add('control-unreachable', { server, message: '' });
  }

  let left = (expiry ?? 0) - facts.now;
  if (expiry != null && left > 0 && left < 30 * DAY)
    add('key-expires-soon', { expiry, days: int(left / DAY), admin: adminPage(status) });
}

function findTailnetProblems(facts: Facts, add: Add): void {
  let status = facts.status;
  if (status.state != 'Running') return;

  let routes = filter(status.routes.offered, (route) => index(status.routes.approved, route) < 0);
  if (length(routes) > 0)
    add('routes-unapproved', {
      routes: slice(routes, 0, MOST),
      count: length(routes),
      admin: adminPage(status)
    });
  let exit_node = status.exit_node;
  if (exit_node && !exit_node.online) add('exit-node-offline', { name: say(exit_node.name ?? exit_node.id) });

  let traffic = facts.traffic;
  let bytes = map(
    traffic ? [traffic.relay, traffic.direct_ipv4, traffic.direct_ipv6, traffic.peer_relay] : [],
    (path) => path.received + path.sent
  );
  if (facts.udp == false || facts.warnings['no-udp4-bind']) add('no-udp');
  else if ((bytes[0] ?? 0) >= RELAYED_BYTES && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0)
    add('only-relayed', { relay: status.self?.relay ?? '' });
}

function findRouterProblems(facts: Facts, add: Add): void {
  let free = facts.flash_free_kib;
  let available = facts.available_kib;
  if (!facts.identity_readable || facts.warnings[STORE]) add('identity-unreadable');
  if (free != null && free < FLASH_KIB) add('identity-disk-full', { free_kib: free });
  if (available != null && available < LOW_KIB) add('memory-low-now', { available_kib: available });
  if (length(facts.overridden) > 0) add('policy-overridden', { names: slice(facts.overridden, 0, MOST) });
  if (facts.provision)
    add('provision-failed', {
      reason: say(facts.provision.code),
      message: say(facts.provision.detail)
    });
  let refused = facts.take_over?.error;
  if (refused) add('take-over-failed', { reason: refused.code, message: say(refused.detail) });
  let acted = lastAction(facts.watchdog);
  if (acted && facts.now - acted.at < DAY) add('watchdog-acted', { action: acted.action, at: acted.at });
}

/** What tailscaled says of itself and has no code here, as its own text. */
function findHealthProblems(facts: Facts, add: Add): void {
  let levels: Record<string, Severity> = { high: 'error', low: 'info' };
  let texts: string[] = [];
  for (let code in facts.warnings) {
    let warning = facts.warnings[code];
    let text = type(warning) == 'object' ? say(warning?.Text) : '';
    if (text == '' || index(SAID, code) >= 0 || index(texts, text) >= 0) continue;
    if (length(texts) == MOST) return;
    push(texts, text);
    add('health', { code: say(code), message: text }, levels[warning?.Severity ?? ''] ?? 'warning');
  }
}

/**
 * Everything that is wrong, the worst first. No text is longer than 300 bytes, and there are at most 8 messages of
 * the daemon's health, whatever others say.
 */
function findProblems(facts: Facts): Problem[] {
  let found: Problem[] = [];
  let add: Add = (code, args, severity) => {
    let bootstrap = facts.status.bootstrap;
    let waits = code == bootstrap?.error?.code && bootstrap.phase != 'running';
    let retry = waits && index(ADVICE_ALONE, code) < 0 ? 'retry' : null;
    let method = REMEDIES[code] ?? retry;
    push(found, {
      code,
      severity: severity ?? (severities as Record<string, Severity>)[code] ?? 'warning',
      arguments: args ?? {},
      remedy: method == null ? null : { method, arguments: {} }
    });
  };

  findBootstrapProblems(facts, add);
  if (facts.status.daemon) {
    findLoginProblems(facts, add);
    findTailnetProblems(facts, add);
    findHealthProblems(facts, add);
  }
  findRouterProblems(facts, add);

  let of = (severity: Severity): Problem[] => filter(found, (problem) => problem.severity == severity);
  return [...of('error'), ...of('warning'), ...of('info')];
}

export { findProblems, FLASH_KIB };
export type { Facts, HealthWarning };
