/** The methods that change how this router stands in its tailnet. */

import { checkAuthKey, checkId, checkUrl } from './checks.ts';
import type { Checked } from './checks.ts';
import { confirm, doUnconfirmed } from './confirm.ts';
import { daemon } from './daemon.ts';
import { cancelJob, runningJob } from './jobs.ts';
import { call, callAll } from './localapi.ts';
import type { Step } from './localapi.ts';
import { isLoggedIn, logout, remember, startLogin, startReauth } from './login.ts';
import { differences, masked, plan, usesExitNode, toPreferences } from './preferences.ts';
import type { MaskedPrefs, Prefs } from './preferences.ts';
import { id, numberFrom, withPeer, withProfiles } from './reads.ts';
import type { Answer, Method } from './server.ts';
import { whatRuns } from './versions.ts';
import { fault } from './text.ts';

function patchOf(patch: object): Step {
  return ['PATCH', 'prefs', patch];
}

function running(wanted: boolean): Step[] {
  return [patchOf(masked({ WantRunning: wanted }))];
}

function checkProfile(value: unknown): Checked<string> {
  return value == 'new' ? { value: 'new' } : checkId(value);
}

function cancelLogin(_args: unknown, answer: Answer): void {
  let job = runningJob('login');
  if (job) cancelJob(job);
  answer(job ? null : fault('not-found'));
}

function connect(_args: unknown, answer: Answer): void {
  if (isLoggedIn()) callAll(running(true), answer);
  else answer(fault('not-logged-in'));
}

function disconnect(_args: unknown, answer: Answer): void {
  doUnconfirmed('disconnect', running(false), running(true), answer);
}

/** The patch that undoes a patch. */
function undoOf(patch: MaskedPrefs, prefs: Prefs): MaskedPrefs {
  let undo: MaskedPrefs = {};
  for (let name in patch) undo[name] = match(name, /Set$/) ? patch[name] : prefs[name];
  return undo;
}

/** All or nothing: checked whole, sent once, read back. */
function set(args: { preferences: unknown }, answer: Answer): void {
  let prefs = daemon.reachable ? daemon.prefs : null;
  if (!prefs) {
    answer(fault('daemon-unreachable'));
    return;
  }
  let planned = plan(args.preferences, prefs, whatRuns());
  if (planned.error) {
    answer(planned.error);
    return;
  }
  let patch = planned.patch;
  // Before a login is complete, tailscaled forgets it when it ends.
  if (!isLoggedIn()) remember(patch);
  let readBack: Answer = (failure, reply) => {
    call('GET', 'prefs', null, (unread, after) => {
      answer(failure ?? unread, { ...(reply ?? {}), not_taken: differences(patch, (after ?? {}) as Prefs) });
    });
  };
  if (length(patch) == 0) answer(null, { not_taken: [] });
  else if (planned.risk) doUnconfirmed('set', [patchOf(patch)], [patchOf(undoOf(patch, prefs))], readBack);
  else callAll([patchOf(patch)], readBack);
}

/** Makes this the exit node. */
function exitNodeStep(node: unknown, auto: unknown): Step {
  return patchOf(
    masked({
      ExitNodeID: node,
      ExitNodeIP: '',
      AutoExitNode: auto,
      // Without it, an exit node takes the LAN's own prefixes into the tunnel.
      ExitNodeAllowLANAccess: true
    })
  );
}

function useExitNode(node: string, auto: string, answer: Answer): void {
  let before = daemon.prefs ?? {};
  if ((node || auto) && toPreferences(before).advertise_exit_node) {
    answer(fault('conflict', 'it is one itself'));
    return;
  }
  doUnconfirmed(
    'exit_node',
    [exitNodeStep(node, auto)],
    [exitNodeStep(before.ExitNodeID ?? '', before.AutoExitNode ?? '')],
    answer
  );
}

function exitNode(args: { id: string }, answer: Answer): void {
  if (args.id == 'none') {
    if (!daemon.prefs || usesExitNode(daemon.prefs)) useExitNode('', '', answer);
    else answer(null);
  } else if (args.id == 'auto') {
    useExitNode('', 'any', answer);
  } else if (args.id == 'suggest') {
    call('POST', 'suggest-exit-node', null, (failure, suggested) => {
      let found = (suggested as { ID?: string } | null)?.ID;
      if (found) useExitNode(found, '', answer);
      else answer(failure ?? fault('not-found'));
    });
  } else {
    // tailscaled takes any ID, and then swallows everything.
    withPeer(args.id, answer, (row) => {
      if (row[18]) useExitNode(row[0], '', answer);
      else answer(fault('conflict', 'it is none'));
    });
  }
}

function changeProfile(method: string, step: Step, current: string, answer: Answer): void {
  doUnconfirmed(method, [step], current == '' ? [] : [['POST', `profiles/${current}`]], answer);
}

/** `done` gets the number of the profile in use; `answer` tells if there is none of the wanted number. */
function withProfile(wanted: string, answer: Answer, done: (current: string) => void): void {
  withProfiles(answer, (list, current) => {
    if (length(filter(list, (profile) => profile.ID == wanted)) > 0) done(current);
    else answer(fault('not-found'));
  });
}

function switchProfile(args: { id: string }, answer: Answer): void {
  withProfile(args.id, answer, (current) => {
    changeProfile('switch_profile', ['POST', `profiles/${args.id}`], current, answer);
  });
}

function newProfile(_args: unknown, answer: Answer): void {
  withProfiles(answer, (_list, current) => {
    changeProfile('new_profile', ['PUT', 'profiles/'], current, answer);
  });
}

function deleteProfile(args: { id: string }, answer: Answer): void {
  withProfile(args.id, answer, (current) => {
    if (args.id == current) answer(fault('conflict', 'in use'));
    else callAll([['DELETE', `profiles/${args.id}`]], answer);
  });
}

function confirmJob(args: { job: number }, answer: Answer): void {
  answer(confirm(args.job) ? null : fault('not-found'));
}

const actions = {
  confirm: { args: { job: numberFrom(1, 2147483647) }, call: confirmJob },
  login: {
    args: {
      login_server: { otherwise: '', check: checkUrl },
      auth_key: { otherwise: '', check: checkAuthKey },
      profile: { otherwise: '', check: checkProfile }
    },
    call: startLogin
  },
  cancel_login: { call: cancelLogin },
  reauth: { call: startReauth },
  logout: { writes: true, call: logout },
  connect: { writes: true, call: connect },
  disconnect: { writes: true, call: disconnect },
  set: {
    args: { preferences: { sample: {}, check: (value: unknown) => ({ value }) } },
    writes: true,
    call: set
  },
  exit_node: { args: { id }, writes: true, call: exitNode },
  switch_profile: { args: { id }, writes: true, call: switchProfile },
  new_profile: { writes: true, call: newProfile },
  delete_profile: { args: { id }, call: deleteProfile },
  rebind: {
    call: (_args: unknown, answer: Answer) => {
      callAll([['POST', 'debug?action=rebind']], answer);
    }
  }
} as unknown as Record<string, Method>;

export { actions };
