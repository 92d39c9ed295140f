/** What is wrong, and what mends it. */

import type { Finding } from '../shared/network-plan.ts';
import type { Problem, problems, Severity } from '../shared/problems.ts';
import type { Status } from '../shared/status.ts';
import type { TakeOverState } from '../shared/take-over-state.ts';
import { minimumVersion32Bit } from '../shared/versions.ts';
import { compareVersions } from './compare-versions.ts';
import type { PathTraffic, TrafficByPath } from './metrics.ts';
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
  login_error: string | null | undefined;
  /** Bytes of the last minutes, or since the daemon's start. */
  traffic?: TrafficByPath | null;
  /** Whether UDP reaches the Internet, as the last netcheck found. */
  udp?: boolean | null;
  /** The bootstrap's file `starts`: when the daemon was started, and how often in a row it died right away. */
  starts: string | null;
  identity_readable: boolean;
  /** Where the identity lies. */
  flash_free_kib?: number | null;
  /** Preferences that somebody changed against the router's policy, which were put back. */
  overridden: string[];
  /** How the last try of the unattended login failed. */
  provision?: { code: string; detail: string } | null;
  take_over: TakeOverState | null;
  watchdog: WatchdogHistory;
  /** What was found when the firewall was planned, and why it could not be put in place. */
  network: { findings: Finding[]; refused: string | null };
}

/** tailscale's health.UnhealthyState. Nothing of it is checked. */
interface HealthWarning {
  Severity?: string;
  Text?: string;
  Args?: Record<string, string> | null;
}

type Arguments = Problem['arguments'];
/** `remedy`: the method that mends it, if there is one: without arguments an exit node is given up, and a version let go. */
type Add = <Code extends keyof typeof problems>(
  severity: (typeof problems)[Code],
  code: Code,
  args?: Arguments,
  remedy?: string | null
) => void;

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
  if (error) {
    let alone = bootstrap?.phase == 'running' || index(ADVICE_ALONE, error.code) >= 0;
    // Each of its codes is a problem's, too.
    let code = error.code as 'zone-missing';
    let severity = (bootstrap?.phase == 'blocked' ? 'error' : 'warning') as 'warning';
    let remedy = error.code == 'version-missing' ? 'pin' : alone ? null : 'retry';
    add(severity, code, { detail: say(error.detail) }, remedy);
  }

  let starts = map(split(facts.starts ?? '', ' '), (word) => int(word));
  let starved = starts[3] as number;
  let deaths = (starts[2] as number) + starved;
  let silence = facts.uptime - facts.daemon_since;
  if (deaths >= 2 && facts.uptime - (starts[0] as number) < SETTLED)
    add('error', 'daemon-crash-loop', { deaths, starved }, 'rollback');
  else if (!facts.status.daemon && bootstrap?.phase == 'running' && silence >= PATIENCE)
    add('error', 'daemon-unreachable', { seconds: silence });

  let version = facts.status.version ?? bootstrap?.version;
  let arch = bootstrap?.arch;
  // The keys of 64-bit architectures say so, and no others.
  if (version && arch && index(arch, '64') < 0 && compareVersions(version, minimumVersion32Bit) < 0)
    add('error', 'version-faulty', { version: say(version), minimum: minimumVersion32Bit }, 'update');
  let newest = facts.status.newest;
  if (version && newest && compareVersions(newest.version, version) > 0) {
    let versions = { version: say(version), newest: say(newest.version) };
    if (newest.security) add('warning', 'security-update', versions, 'update');
    else add('info', 'update-available', versions, 'update');
  }
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
  let unsynced = facts.warnings['not-in-map-poll'] ?? facts.warnings['mapresponse-timeout'];
  let expiry = status.self?.key_expiry;
  let admin = adminPage(status);
  let lost = (message: string): void => {
    add('error', 'control-unreachable', { server: say(status.login_server), message }, 'rebind');
  };

  if (state == 'Running') {
    if (unsynced) lost(say(unsynced.Text));
  } else if (words != '' && !(state == 'Stopped' && facts.have_node_key)) {
    // With a key it is not logged out, whatever tailscaled calls it: it has not heard from the server yet.
    if (isAboutNetwork(words) || (state == 'NoState' && facts.have_node_key)) lost(words);
    else add('error', 'login-refused', { server: say(status.login_server), message: words }, 'login');
  } else if (state == 'NeedsMachineAuth') {
    add('error', 'approval-needed', { admin });
  } else if (state == 'NeedsLogin') {
    if (facts.have_node_key && expiry != null && expiry <= facts.now)
      add('error', 'key-expired', { expiry }, 'reauth');
    else add('error', 'logged-out', {}, 'login');
  } else if ((state == 'NoState' || state == 'Starting') && !facts.warnings[STORE]) {
    if (unsynced || facts.uptime - facts.daemon_since >= PATIENCE) lost('');
  }

  let left = (expiry ?? 0) - facts.now;
  if (expiry != null && left > 0 && left < 30 * DAY)
    add('warning', 'key-expires-soon', { expiry, days: int(left / DAY), admin }, 'reauth');
}

function findTailnetProblems(facts: Facts, add: Add): void {
  let status = facts.status;
  if (status.state != 'Running') return;

  let routes = filter(status.routes.offered, (route) => index(status.routes.approved, route) < 0);
  if (length(routes) > 0)
    add('warning', 'routes-unapproved', {
      routes: slice(routes, 0, MOST),
      count: length(routes),
      admin: adminPage(status)
    });
  let exit_node = status.exit_node;
  if (exit_node && !exit_node.online)
    add('error', 'exit-node-offline', { name: say(exit_node.name ?? exit_node.id) }, 'exit_node');

  let bytes = (path: PathTraffic | undefined): number => (path ? path.received + path.sent : 0);
  let traffic = facts.traffic;
  let direct = bytes(traffic?.direct_ipv4) + bytes(traffic?.direct_ipv6) + bytes(traffic?.peer_relay);
  if (facts.udp == false || facts.warnings['no-udp4-bind']) add('warning', 'no-udp');
  else if (bytes(traffic?.relay) >= RELAYED_BYTES && direct == 0)
    add('info', 'only-relayed', { relay: status.self?.relay ?? '' }, 'rebind');
}

function findRouterProblems(facts: Facts, add: Add): void {
  let free_kib = facts.flash_free_kib ?? FLASH_KIB;
  let available_kib = int(facts.status.memory.free / 1024);
  let provision = facts.provision;
  let take_over = facts.take_over?.error;
  let acted = lastAction(facts.watchdog);
  let refused = facts.network.refused;
  if (!facts.identity_readable || facts.warnings[STORE])
    add('error', 'identity-unreadable', {}, 'forget_identity');
  if (free_kib < FLASH_KIB) add('error', 'identity-disk-full', { free_kib });
  if (available_kib < LOW_KIB) add('warning', 'memory-low-now', { available_kib });
  if (length(facts.overridden) > 0)
    add('info', 'policy-overridden', { names: slice(facts.overridden, 0, MOST) });
  if (provision)
    add('error', 'provision-failed', { reason: say(provision.code), message: say(provision.detail) });
  if (take_over)
    add('warning', 'take-over-failed', { reason: take_over.code, message: say(take_over.detail) });
  // Of the findings, those that something should be done about.
  let wrong = facts.status.exit_node ? ['zone-missing'] : ['zone-missing', 'kill-switch'];
  let missing = filter(facts.network.findings, (one) => index(wrong, one.code) >= 0);
  map(slice(missing, 0, MOST), (one) => {
    add('warning', one.code as 'zone-missing', one.arguments);
  });
  if (refused == 'uncommitted-changes') add('warning', refused);
  else if (refused != null) add('error', 'firewall-refused', { message: say(refused) });
  if (acted && facts.now - acted.at < DAY)
    add('warning', 'watchdog-acted', { action: acted.action, at: acted.at });
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
    let severity = (levels[warning?.Severity ?? ''] ?? 'warning') as 'warning';
    add(severity, 'health', { code: say(code), message: text });
  }
}

/**
 * Everything that is wrong, the worst first. No text is longer than 300 bytes, and there are at most 8 messages of
 * the daemon's health, whatever others say.
 */
function findProblems(facts: Facts): Problem[] {
  let found: Problem[] = [];
  let add: Add = (severity, code, args, method) => {
    push(found, { code, severity, arguments: args ?? {}, remedy: method ? { method, arguments: {} } : null });
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
