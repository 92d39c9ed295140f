/** The methods that change something. */

import type { AgentError } from '../shared/agent-errors.ts';
import { checkAuthKey, checkId, checkNumber, checkUrl } from './checks.ts';
import type { Checked } from './checks.ts';
import { confirm, doUnconfirmed } from './confirm.ts';
import { daemon, lookNow } from './daemon.ts';
import { cancelJob, finishJob, isRunning, runningJob, startJob } from './jobs.ts';
import type { Job } from './jobs.ts';
import { call, callAll } from './localapi.ts';
import type { Step } from './localapi.ts';
import { isLoggedIn, logout, remember, startLogin, startReauth } from './login.ts';
import { differences, plan, toPreferences } from './preferences.ts';
import type { MaskedPrefs, Prefs } from './preferences.ts';
import { withPeer } from './reads.ts';
import { refuse } from './server.ts';
import type { Answer, Method } from './server.ts';
import { runningVersion } from './versions.ts';

const SECONDS_TO_CONFIRM = 90;

/** For what is either done or not. */
function answerDone(answer: Answer): (failure: AgentError | null) => void {
  return (failure) => {
    if (failure) answer(refuse(failure));
    else
      lookNow(() => {
        answer({});
      });
  };
}

/** For what goes on as a job. */
function answerJob(answer: Answer): (failure: AgentError | null, job: Job | null) => void {
  return (failure, job) => {
    answer(failure ? refuse(failure) : { job: job?.id ?? null });
  };
}

/** For what is undone unless it is confirmed. */
function answerUnconfirmed(answer: Answer): (failure: AgentError | null, job: Job | null) => void {
  return (failure, job) => {
    if (failure) answer(refuse(failure));
    else
      lookNow(() => {
        answer({ job: job?.id ?? null, confirm_within: SECONDS_TO_CONFIRM });
      });
  };
}

/** An argument that may be left out, or be empty. */
function optional<T>(check: (value: unknown) => Checked<T>, value: unknown, empty: T): Checked<T> {
  return value == null || value == '' ? { value: empty } : check(value);
}

function checkProfile(value: unknown): Checked<string> {
  return value == 'new' ? { value: 'new' } : checkId(value);
}

function login(args: Record<string, unknown>, answer: Answer): void {
  let server = optional(checkUrl, args.login_server, '');
  let key = optional(checkAuthKey, args.auth_key, '');
  let profile = optional(checkProfile, args.profile, '');
  if (server.error) answer(refuse({ ...server.error, field: 'login_server' }));
  else if (key.error) answer(refuse({ ...key.error, field: 'auth_key' }));
  else if (profile.error) answer(refuse({ ...profile.error, field: 'profile' }));
  else
    startLogin(
      { login_server: server.value, auth_key: key.value, profile: profile.value },
      answerJob(answer)
    );
}

function cancelLogin(_args: unknown, answer: Answer): void {
  let job = runningJob('login');
  if (job) cancelJob(job);
  answer(job ? {} : refuse({ code: 'not-found', detail: 'no login is under way' }));
}

function reauth(_args: unknown, answer: Answer): void {
  if (daemon.status?.HaveNodeKey) startReauth(answerJob(answer));
  else answer(refuse({ code: 'not-logged-in', detail: '' }));
}

function connect(_args: unknown, answer: Answer): void {
  if (daemon.status?.BackendState == 'NeedsLogin') answer(refuse({ code: 'not-logged-in', detail: '' }));
  else callAll([['PATCH', 'prefs', { WantRunning: true, WantRunningSet: true }]], answerDone(answer));
}

function disconnect(_args: unknown, answer: Answer): void {
  doUnconfirmed(
    'disconnect',
    [['PATCH', 'prefs', { WantRunning: false, WantRunningSet: true }]],
    [['PATCH', 'prefs', { WantRunning: true, WantRunningSet: true }]],
    answerUnconfirmed(answer)
  );
}

/** The patch that undoes a patch. */
function undoOf(patch: MaskedPrefs, prefs: Prefs): MaskedPrefs {
  let undo: MaskedPrefs = {};
  for (let name in patch) undo[name] = match(name, /Set$/) ? patch[name] : prefs[name];
  return undo;
}

/** All or nothing: checked whole, sent once, read back. */
function set(args: { preferences?: unknown }, answer: Answer): void {
  let prefs = daemon.reachable ? daemon.prefs : null;
  if (!prefs) {
    answer(refuse({ code: 'daemon-unreachable', detail: '' }));
    return;
  }
  let planned = plan(args.preferences, prefs, runningVersion() ?? '');
  if (planned.error) {
    answer(refuse(planned.error));
    return;
  }
  let patch = planned.patch;
  // Before a login is complete, tailscaled forgets it when it ends.
  if (!isLoggedIn()) remember(patch);
  let show = (reply: object): void => {
    lookNow(() => {
      answer({ ...reply, not_taken: differences(patch, daemon.prefs ?? {}) });
    });
  };
  if (length(patch) == 0) answer({ not_taken: [] });
  else if (planned.risk)
    doUnconfirmed(
      'set',
      [['PATCH', 'prefs', patch]],
      [['PATCH', 'prefs', undoOf(patch, prefs)]],
      (failure, job) => {
        if (failure) answer(refuse(failure));
        else show({ job: job?.id ?? null, confirm_within: SECONDS_TO_CONFIRM });
      }
    );
  else
    callAll([['PATCH', 'prefs', patch]], (failure) => {
      if (failure) answer(refuse(failure));
      else show({});
    });
}

/** A body of `PATCH prefs` that makes this the exit node. */
function exitNodePatch(id: unknown, auto: unknown): object {
  return {
    ExitNodeID: id,
    ExitNodeIDSet: true,
    ExitNodeIP: '',
    ExitNodeIPSet: true,
    AutoExitNode: auto,
    AutoExitNodeSet: true,
    // Without it, an exit node takes the LAN's own prefixes into the tunnel.
    ExitNodeAllowLANAccess: true,
    ExitNodeAllowLANAccessSet: true
  };
}

function useExitNode(id: string, auto: string, answer: Answer): void {
  let offers = toPreferences(daemon.prefs ?? {}).advertise_exit_node;
  if (offers && (id != '' || auto != '')) {
    answer(refuse({ code: 'conflict', detail: 'this router is an exit node itself' }));
    return;
  }
  let before = daemon.prefs;
  doUnconfirmed(
    'exit_node',
    [['PATCH', 'prefs', exitNodePatch(id, auto)]],
    [['PATCH', 'prefs', exitNodePatch(before?.ExitNodeID ?? '', before?.AutoExitNode ?? '')]],
    answerUnconfirmed(answer)
  );
}

function exitNode(args: { id?: unknown }, answer: Answer): void {
  let id = optional(checkId, args.id, '');
  if (id.error) {
    answer(refuse({ ...id.error, field: 'id' }));
  } else if (id.value == 'none' || id.value == '') {
    useExitNode('', '', answer);
  } else if (id.value == 'auto') {
    useExitNode('', 'any', answer);
  } else if (id.value == 'suggest') {
    call('POST', 'suggest-exit-node', null, (failure, suggested) => {
      let found = (suggested as { ID?: string } | null)?.ID;
      if (failure) answer(refuse(failure));
      else if (found) useExitNode(found, '', answer);
      else answer(refuse({ code: 'not-found', detail: 'none is suggested' }));
    });
  } else {
    // tailscaled takes any ID, and then swallows everything.
    withPeer(id.value, answer, (row) => {
      if (row[18]) useExitNode(row[0], '', answer);
      else answer(refuse({ code: 'conflict', detail: 'this device offers no exit', field: 'id' }));
    });
  }
}

function withCurrentProfile(answer: Answer, done: (id: string) => void): void {
  call('GET', 'profiles/current', null, (failure, profile) => {
    if (failure) answer(refuse(failure));
    else done((profile as { ID?: string } | null)?.ID ?? '');
  });
}

/** Answers itself if there is none of this number. */
function withProfile(value: unknown, answer: Answer, done: (id: string) => void): void {
  let id = checkId(value);
  if (id.error) {
    answer(refuse({ ...id.error, field: 'id' }));
    return;
  }
  call('GET', 'profiles/', null, (failure, list) => {
    let found = filter((list ?? []) as { ID?: string }[], (profile) => profile.ID == id.value);
    if (failure) answer(refuse(failure));
    else if (length(found) > 0) done(id.value);
    else answer(refuse({ code: 'not-found', detail: 'no profile has this number', field: 'id' }));
  });
}

function changeProfile(method: string, step: Step, answer: Answer): void {
  withCurrentProfile(answer, (current) => {
    doUnconfirmed(
      method,
      [step],
      current == '' ? [] : [['POST', `profiles/${current}`]],
      answerUnconfirmed(answer)
    );
  });
}

function switchProfile(args: { id?: unknown }, answer: Answer): void {
  withProfile(args.id, answer, (id) => {
    changeProfile('switch_profile', ['POST', `profiles/${id}`], answer);
  });
}

function newProfile(_args: unknown, answer: Answer): void {
  changeProfile('new_profile', ['PUT', 'profiles/'], answer);
}

function deleteProfile(args: { id?: unknown }, answer: Answer): void {
  withProfile(args.id, answer, (id) => {
    withCurrentProfile(answer, (current) => {
      if (id == current) answer(refuse({ code: 'conflict', detail: 'it is the one in use', field: 'id' }));
      else callAll([['DELETE', `profiles/${id}`]], answerDone(answer));
    });
  });
}

interface PingResult {
  Err?: string;
  LatencySeconds?: number;
  Endpoint?: string;
  PeerRelay?: string;
  DERPRegionCode?: string;
}

function showPing(failure: AgentError | null, value: unknown): object {
  let result = (value ?? {}) as PingResult;
  if (failure || result.Err) return { error: failure?.code ?? 'daemon-refused', detail: result.Err ?? '' };
  let kind = result.Endpoint
    ? 'direct'
    : result.PeerRelay
      ? 'peer-relay'
      : result.DERPRegionCode
        ? 'relay'
        : 'none';
  return {
    milliseconds: (result.LatencySeconds ?? 0) * 1000,
    path: kind,
    via: result.Endpoint || result.PeerRelay || result.DERPRegionCode || null
  };
}

function pingOnce(job: Job, path: string, left: number, results: object[]): void {
  job.cancel = call('POST', path, null, (failure, value) => {
    push(results, showPing(failure, value));
    job.progress.replies = results;
    if (!isRunning(job)) return;
    if (left > 1 && failure?.code != 'daemon-unreachable') pingOnce(job, path, left - 1, results);
    else finishJob(job, { replies: results });
  });
}

const PINGS = { disco: 'disco', tsmp: 'TSMP', icmp: 'ICMP', peerapi: 'peerapi' } as Record<string, string>;

function ping(args: { peer?: unknown; count?: unknown; type?: string }, answer: Answer): void {
  let count = checkNumber(args.count ?? 1, 1, 20);
  let kind = PINGS[args.type ?? 'disco'];
  if (count.error) {
    answer(refuse({ ...count.error, field: 'count' }));
  } else if (!kind) {
    answer(refuse({ code: 'out-of-range', detail: 'disco, tsmp, icmp or peerapi', field: 'type' }));
  } else {
    withPeer(args.peer, answer, (row) => {
      let job = startJob('ping');
      answerJob(answer)(job ? null : { code: 'too-many-jobs', detail: '' }, job);
      if (job) pingOnce(job, `ping?ip=${row[3][0] ?? ''}&type=${kind}`, count.value, []);
    });
  }
}

function rebind(_args: unknown, answer: Answer): void {
  callAll([['POST', 'debug?action=rebind']], answerDone(answer));
}

function confirmJob(args: { job?: number }, answer: Answer): void {
  if (confirm(args.job ?? 0)) answer({});
  else answer(refuse({ code: 'not-found', detail: 'nothing waits for this', field: 'job' }));
}

const actions = {
  confirm: { args: { job: 0 }, call: confirmJob },
  login: { args: { login_server: '', auth_key: '', profile: '' }, call: login },
  cancel_login: { call: cancelLogin },
  reauth: { call: reauth },
  logout: {
    call: (_args: unknown, answer: Answer) => {
      logout(answerDone(answer));
    }
  },
  connect: { call: connect },
  disconnect: { call: disconnect },
  set: { args: { preferences: {} }, call: set },
  exit_node: { args: { id: '' }, call: exitNode },
  switch_profile: { args: { id: '' }, call: switchProfile },
  new_profile: { call: newProfile },
  delete_profile: { args: { id: '' }, call: deleteProfile },
  ping: { args: { peer: '', count: 0, type: '' }, call: ping },
  rebind: { call: rebind }
} as unknown as Record<string, Method>;

export { actions, answerDone, answerJob, answerUnconfirmed };
