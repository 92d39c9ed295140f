/** The unattended login of a router that has no identity yet, with a key from a file. */

import { readfile, unlink } from 'fs';
import { cursor } from 'uci';
import { interval } from 'uloop';
import type { AgentError } from '../shared/agent-errors.ts';
import { checkAuthKey, checkUrl } from './checks.ts';
import { daemon, onChange, seconds } from './daemon.ts';
import { findJob, isRunning, runningJob } from './jobs.ts';
import type { Job } from './jobs.ts';
import { remember, startLogin } from './login.ts';
import { plan } from './preferences.ts';
import { care } from './status.ts';
import { cut, cutAll, fault } from './text.ts';
import { whatRuns } from './versions.ts';

/** Between two tries, in seconds. */
const SHORTEST = 60;
const LONGEST = 21600;

let job: Job | null = null;
let file = '';
let pause = SHORTEST;
let next = 0;

/** Kept, and tried again later: the server may be away, or somebody mends the key. */
function fail(error: AgentError, now: number): void {
  care.provision = error;
  warn(`unattended login: ${error.code} ${error.detail}; again in ${pause} s\n`);
  next = now + pause;
  pause = min(pause * 2, LONGEST);
}

function finish(now: number): void {
  let ended = job;
  job = null;
  if (ended?.state == 'done') {
    // It is good for one login, and nobody else should find it.
    unlink(file);
    care.provision = null;
    pause = SHORTEST;
  } else {
    fail(ended?.error ?? fault('internal'), now);
  }
}

/** What the section asks for, or what is wrong with it. */
function tryOnce(section: Record<string, unknown>, now: number): void {
  let server = section.login_server == null ? { value: '' } : checkUrl(section.login_server);
  let key = checkAuthKey(trim(readfile(file, 2048) ?? ''));
  let wanted: Record<string, unknown> = {};
  if (section.hostname != null) wanted.hostname = section.hostname;
  if (section.tag != null) wanted.advertise_tags = cutAll(section.tag, 64, 128);
  if (section.route != null) wanted.advertise_routes = cutAll(section.route, 256, 64);
  let planned = plan(wanted, daemon.prefs ?? {}, whatRuns());
  let error = server.error ?? key.error ?? planned.error;
  if (error || !key.value || !planned.patch) {
    fail(error ?? fault('not-an-auth-key'), now);
    return;
  }
  remember(planned.patch);
  startLogin({ login_server: server.value ?? '', auth_key: key.value, profile: '' }, (failure, started) => {
    if (failure) fail(failure, now);
    else job = findJob((started as { job: number }).job);
  });
}

function look(): void {
  let now = seconds();
  if (job) {
    if (!isRunning(job)) finish(now);
    return;
  }
  let fresh = daemon.reachable && daemon.status?.BackendState == 'NeedsLogin' && !daemon.status.HaveNodeKey;
  if (!fresh || !daemon.prefs || now < next || runningJob('login')) return;
  let section = cursor()?.get_all('tailscale-ram', 'provision');
  file = cut(section?.auth_key_file, 255);
  if (section && file != '' && readfile(file) != null) tryOnce(section, now);
}

function startProvision(): void {
  onChange(look);
  interval(5000, look);
}

export { startProvision };
