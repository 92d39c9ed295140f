/** Into the tailnet and out of it. The order of the requests matters: facts of tailscaled, found by trying. */

import { readfile, unlink } from 'fs';
import { timer } from 'uloop';
import type { Timer } from 'uloop';
import type { AgentError } from '../shared/agent-errors.ts';
import { daemon } from './daemon.ts';
import { saveFile, STATE_DIR, sync } from './flash.ts';
import { asJob, endJob, isRunning, runningJob } from './jobs.ts';
import type { Job } from './jobs.ts';
import { call, callAll } from './localapi.ts';
import type { Step } from './localapi.ts';
import { masked } from './preferences.ts';
import { withProfiles } from './reads.ts';
import type { Answer } from './server.ts';
import { fault, parse } from './text.ts';

interface Login {
  /** Empty: the one of before, or Tailscale's own. */
  login_server: string;
  /** Kept nowhere. Empty: a person confirms by a link. */
  auth_key: string;
  /** Empty: the current one; `new`; or the number of one. */
  profile: string;
}

/** How long a server may take for its first word, and a person for the link, in seconds. */
const SERVER_S = int(getenv('TSR_LOGIN_SERVER_S') ?? 60);
const PERSON_S = 1800;

/** `renewed`: there was an identity before, so that being connected says nothing. */
let login: {
  job: Job;
  with_key: boolean;
  renewed: boolean;
  shown: boolean;
  giveUp: () => void;
} | null = null;
let deadline: Timer | null;
/** The steps of one are under way: what is given up meanwhile, is once they have ended. */
let stepping = false;

/** Preferences that tailscaled has to have again before a login: it forgets them at a logout, and at its end. */
let remembered: Record<string, unknown> = {};
/** Those of the last logout. */
const LOGGED_OUT = `${STATE_DIR}/logged-out.json`;

/** Those are put back by the next login. `patch` is a body of `PATCH prefs`. */
function remember(patch: object): void {
  remembered = { ...remembered, ...patch };
}

/** The next login finds nothing of the last one. */
function forget(): void {
  remembered = {};
  unlink(LOGGED_OUT);
}

/** `back`: the profile of before, if it was another one. */
function abandon(back: string): void {
  callAll(
    back != ''
      ? [['POST', `profiles/${back}`]]
      : [
          ['PATCH', 'prefs', masked({ WantRunning: false })],
          // A new control client, without the key or the link of the last one.
          ['POST', 'start', {}]
        ],
    () => null
  );
}

function fail(error: AgentError): void {
  if (!login) return;
  endJob(login.job, error);
  login.giveUp();
}

function succeed(result: object): void {
  let job = login?.job;
  login = null;
  forget();
  // tailscaled leaves it to the file system when the new identity gets to flash.
  sync(() => {
    if (job) endJob(job, null, result);
  });
}

/** Looks how far it has come, whenever something is known anew. */
function advance(): void {
  if (!login || !isRunning(login.job)) return;
  let status = daemon.reachable ? daemon.status : null;
  if (status?.AuthURL) {
    login.job.progress.login_url = status.AuthURL;
    if (!login.shown) deadline?.set(PERSON_S * 1000);
    login.shown = true;
  }
  if (daemon.login_error) login.job.progress.error = daemon.login_error;

  let state = status?.BackendState;
  if (login.renewed && (!login.shown || status?.AuthURL)) {
    // The link is not used yet.
  } else if (state == 'Running' || state == 'NeedsMachineAuth') succeed({ state });
  else if (login.with_key && daemon.login_error) fail(fault('login-refused', daemon.login_error));
}

/** A server that says nothing changes nothing. */
function endLate(): void {
  fail(fault('timeout', login?.shown ? 'nobody followed the link' : 'the login server does not answer'));
}

/** The control client is made when tailscaled starts, for the server of then: hence `start` in between. */
function loginSteps(wanted: Login): Step[] {
  let server =
    wanted.login_server ||
    ((remembered.ControlURL as string | null) ?? daemon.prefs?.ControlURL) ||
    'https://controlplane.tailscale.com';
  let steps: Step[] = [
    [
      'PATCH',
      'prefs',
      {
        ...remembered,
        ...masked({
          ControlURL: server,
          CorpDNS: false,
          NetfilterMode: 0,
          // It logs in when that becomes true, and a login that nobody has ended may have left it so.
          WantRunning: false
        })
      }
    ],
    ['POST', 'start', wanted.auth_key == '' ? {} : { AuthKey: wanted.auth_key }],
    ['PATCH', 'prefs', masked({ WantRunning: true })]
  ];
  if (wanted.auth_key == '') push(steps, ['POST', 'login-interactive']);
  let profile = wanted.profile;
  if (profile != '')
    unshift(steps, profile == 'new' ? ['PUT', 'profiles/'] : ['POST', `profiles/${profile}`]);
  return steps;
}

/** Whether there is an identity that the control server has accepted. */
function isLoggedIn(): boolean {
  return !!daemon.status?.HaveNodeKey && daemon.status.BackendState != 'NeedsLogin';
}

/** `renewed`: a new key for the identity that is there. `back`: the profile to return to if it fails. */
function begin(
  steps: readonly Step[],
  with_key: boolean,
  renewed: boolean,
  back: string,
  answer: Answer
): void {
  if (stepping || runningJob('login')) {
    answer(fault('busy', 'a login is under way'));
    return;
  }
  asJob('login', answer, (job) => {
    let giveUp = (): void => {
      login = null;
      if (!renewed) abandon(back);
    };
    daemon.login_error = null;
    stepping = true;
    callAll(steps, (failure) => {
      stepping = false;
      if (failure) endJob(job, failure);
      if (!isRunning(job)) {
        giveUp();
        return;
      }
      job.cancel = giveUp;
      login = { job, with_key, renewed, shown: false, giveUp };
      deadline?.set(SERVER_S * 1000);
    });
  });
}

function startLogin(wanted: Login, answer: Answer): void {
  let start = (back: string): void => {
    begin(loginSteps(wanted), wanted.auth_key != '', false, back, answer);
  };
  if (!daemon.reachable) answer(fault('daemon-unreachable'));
  else if (wanted.profile != '')
    withProfiles(answer, (_list, current) => {
      start(current == wanted.profile ? '' : current);
    });
  else if (isLoggedIn()) answer(fault('conflict', 'logged in already'));
  else start('');
}

/** By a link. */
function startReauth(_args: unknown, answer: Answer): void {
  if (daemon.status?.HaveNodeKey) begin([['POST', 'login-interactive']], false, true, '', answer);
  else answer(fault('not-logged-in'));
}

/** Of one profile, or not to be repeated: the rest of what tailscaled forgets is put back by the next login. */
const FORGOTTEN = [
  'AutoExitNode',
  'AutoUpdate',
  'Config',
  'ExitNodeID',
  'ExitNodeIP',
  'InternalExitNodePrior',
  'LoggedOut',
  'WantRunning'
];

function logout(_args: unknown, answer: Answer): void {
  call('GET', 'prefs', null, (failure, value) => {
    if (failure) {
      answer(failure);
      return;
    }
    let prefs = value as Record<string, unknown>;
    callAll([['POST', 'logout']], (refused) => {
      if (refused) {
        answer(refused);
        return;
      }
      map(FORGOTTEN, (name) => delete prefs[name]);
      remember(masked(prefs));
      saveFile(LOGGED_OUT, sprintf('%J', remembered));
      sync(() => {
        answer(null);
      });
    });
  });
}

function watchLogin(): void {
  deadline = timer(-1, endLate);
  remembered = (parse(readfile(LOGGED_OUT)) as typeof remembered | null) ?? {};
}

export { advance, forget, isLoggedIn, logout, remember, startLogin, startReauth, watchLogin };
