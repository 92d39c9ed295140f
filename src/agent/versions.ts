/** Which Tailscale runs, which will, and the way back. */

import { readfile, unlink, writefile } from 'fs';
import { cursor } from 'uci';
import type { BootstrapState } from '../shared/bootstrap-state.ts';
import { daemon, onChange, uptime } from './daemon.ts';
import { saveFile, STATE_DIR } from './flash.ts';
import { asJob, failJob, finishJob, isRunning } from './jobs.ts';
import type { Job } from './jobs.ts';
import { runProgram } from './programs.ts';
import { callOther } from './server.ts';
import type { Answer } from './server.ts';
import { cut, parse } from './text.ts';

const RUN_DIR = getenv('TSR_RUN_DIR') ?? '/var/run/tailscale-ram';
const LAST_GOOD = `${STATE_DIR}/last-good`;
const PREVIOUS_GOOD = `${STATE_DIR}/previous-good`;
/** A daemon that starts anew may wait for its control server; the job waits no longer than this. */
const RESTART_MS = 120000;

/** The job that has restarted the daemon, and the version that it has to come back in. */
let restarting: { job: Job; version: string; since: number } | null = null;

/** What the bootstrap, or who works beside it, has written of itself; null if there is nothing. */
function readState(name: string): unknown {
  return parse(readfile(`${RUN_DIR}/${name}`));
}

/** Such as `1.102.5`; null while the daemon does not tell. */
function runningVersion(): string | null {
  return cut(split(daemon.status?.Version ?? '', '-')[0], 32) || null;
}

/** The version in one of the two files of good ones. */
function readGood(file: string): string | null {
  return match(readfile(file) ?? '', /^([0-9.]+) /)?.[1] ?? null;
}

/** The running version has proven itself: the bootstrap goes back to it when a newer one does not run. */
function noteGood(): void {
  let version = runningVersion();
  let state = readState('bootstrap.json') as BootstrapState | null;
  if (!version || !state?.arch || readGood(LAST_GOOD) == version) return;
  let before = readfile(LAST_GOOD);
  if (before) saveFile(PREVIOUS_GOOD, before);
  saveFile(LAST_GOOD, `${version} ${state.arch} official\n`);
}

function lastGood(): string | null {
  return readGood(LAST_GOOD);
}

/** The bootstrap does not take this version again in this boot. False: it was set aside before. */
function setAside(version: string): boolean {
  let file = `${RUN_DIR}/set-aside`;
  let before = readfile(file) ?? '';
  if (index(`\n${before}`, `\n${version} `) >= 0) return false;
  return !!writefile(file, `${before}${version} daemon-crashed\n`);
}

/** What `rollback` goes back to: the last good version that does not run now. */
function versionBefore(): string | null {
  let running = runningVersion();
  let last = readGood(LAST_GOOD);
  return last != running ? last : readGood(PREVIOUS_GOOD);
}

/** procd starts it again, in the version that is in RAM then. */
function restartDaemon(): void {
  // Whoever ends a daemon on purpose says so, else the bootstrap thinks that it died.
  unlink(`${RUN_DIR}/starts`);
  callOther('service', 'signal', { name: 'tailscale-ram', instance: 'daemon', signal: 15 }, () => null);
}

function lookForRestart(): void {
  let wait = restarting;
  if (!wait) return;
  if (!isRunning(wait.job)) {
    restarting = null;
  } else if (daemon.reachable && runningVersion() == wait.version && daemon.since * 1000 >= wait.since) {
    restarting = null;
    finishJob(wait.job, { version: wait.version });
  } else if (uptime() - wait.since > RESTART_MS) {
    restarting = null;
    failJob(wait.job, { code: 'timeout', detail: 'the daemon has not come back' });
  }
}

/** The version whose binary is in RAM now. */
function installedVersion(done: (version: string | null) => void): void {
  runProgram(['/tmp/tailscale-ram/bin/tailscaled', '--version'], (code, output) => {
    done(code == 0 ? (match(output, /^([0-9.]+)/)?.[1] ?? null) : null);
  });
}

/** Fetches a version, the newest if it is empty, beside the running one, and restarts the daemon in it. */
function startUpdate(method: string, version: string, answer: Answer): void {
  asJob(method, answer, (job) => {
    let command = ['/usr/libexec/tailscale-ram/update'];
    if (version != '') push(command, version);
    job.cancel = runProgram(command, (code) => {
      let error = (readState('update.json') as BootstrapState | null)?.error;
      if (code != 0) {
        failJob(job, { code: 'update-failed', detail: error ? `${error.code}: ${error.detail}` : '' });
        return;
      }
      installedVersion((installed) => {
        if (!isRunning(job)) return;
        if (!installed) {
          failJob(job, { code: 'internal', detail: 'the new binary does not run' });
        } else if (installed == runningVersion()) {
          finishJob(job, { version: installed, newest: true });
        } else {
          // From here on there is no way back.
          job.cancel = null;
          restarting = { job, version: installed, since: uptime() };
          restartDaemon();
        }
      });
    });
  });
}

/** How an update goes on, for the one who asks for its job. */
function updateProgress(): Record<string, unknown> | null {
  let state = readState('update.json') as BootstrapState | null;
  return state && { phase: state.phase, version: state.version, bytes: state.bytes, total: state.total };
}

/** Stays with a version; none if it is empty. False: the configuration cannot be written. */
function pin(version: string): boolean {
  let config = cursor();
  if (config?.get('tailscale-ram', 'main', 'version') == version) return true;
  return !!config?.set('tailscale-ram', 'main', 'version', version) && !!config.commit('tailscale-ram');
}

function watchVersions(): void {
  onChange(lookForRestart);
}

export {
  lastGood,
  noteGood,
  pin,
  readState,
  restartDaemon,
  runningVersion,
  setAside,
  startUpdate,
  updateProgress,
  versionBefore,
  watchVersions
};
