/** Which Tailscale runs, which will, and the way back. */

import { readfile, unlink, writefile } from 'fs';
import { cursor } from 'uci';
import type { BootstrapState } from '../shared/bootstrap-state.ts';
import { daemon, seconds } from './daemon.ts';
import { RUN_DIR, saveFile, STATE_DIR, sync } from './flash.ts';
import { asJob, endJob, isRunning } from './jobs.ts';
import type { Job } from './jobs.ts';
import { runProgram } from './programs.ts';
import { callOther } from './server.ts';
import type { Answer } from './server.ts';
import { option } from './settings.ts';
import { cut, fault, parse } from './text.ts';

/** Version, architecture and, unless it is the official one, build. */
const INSTALLED = '/tmp/tailscale-ram/version';
const LAST_GOOD = `${STATE_DIR}/last-good`;
const PREVIOUS_GOOD = `${STATE_DIR}/previous-good`;
/** A daemon that starts anew may wait for its control server; the job waits no longer than so many seconds. */
const RESTART = 120;

/** The job that has restarted the daemon, and the version that it has to come back in. */
let restarting: { job: Job; version: string; since: number } | null = null;

/** What the bootstrap, or who works beside it, has written of itself; null if there is nothing. */
function readState(name: string): unknown {
  return parse(readfile(`${RUN_DIR}/${name}`));
}

/** Such as `1.102.5`; null while the daemon does not tell. */
function runningVersion(): string | null {
  return cut(match(daemon.status?.Version ?? '', /^[^-]+/)?.[0], 32) || null;
}

/** Version and build: `1.102.5 compact.`; without what is not known. */
function whatRuns(): string {
  let state = readState('bootstrap.json') as BootstrapState | null;
  return `${runningVersion() ?? ''} ${state?.build ?? ''}.`;
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
  saveFile(LAST_GOOD, `${version} ${state.arch} ${state.build}\n`);
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

/** To be called after each change of what is known. */
function lookForRestart(): void {
  let wait = restarting;
  if (!wait) return;
  let back = daemon.reachable && runningVersion() == wait.version && daemon.since >= wait.since;
  if (isRunning(wait.job) && !back && seconds() - wait.since <= RESTART) return;
  restarting = null;
  endJob(wait.job, back ? null : fault('timeout', 'the daemon has not come back'), {
    version: wait.version
  });
}

/** False: the configuration cannot be written. */
function setOption(name: string, value: string): boolean {
  let config = cursor();
  if (config?.get('tailscale-ram', 'main', name) == value) return true;
  let kept = !!config?.set('tailscale-ram', 'main', name, value) && !!config.commit('tailscale-ram');
  // Else a power cut would lose it.
  sync(() => null);
  return kept;
}

/**
 * Fetches a version, the newest if it is empty, beside the running one, and restarts the daemon in it; of another build, if
 * there is a word for it, which stays configured unless it fails.
 */
function startUpdate(method: string, version: string, answer: Answer, build?: string): void {
  asJob(method, answer, (job) => {
    let command = ['/usr/libexec/tailscale-ram/update'];
    let installed_before = readfile(INSTALLED);
    let build_before = option('build');
    if (version != '') push(command, version);
    if (build) setOption('build', build);
    job.cancel = runProgram(command, (code) => {
      let error = (readState('update.json') as BootstrapState | null)?.error;
      if (code != 0) {
        if (build) setOption('build', build_before);
        endJob(job, fault('update-failed', error ? `${error.code}: ${error.detail}` : ''));
        return;
      }
      runProgram(['/tmp/tailscale-ram/bin/tailscaled', '--version'], (broken, output) => {
        let installed = match(output, /^([0-9.]+)/)?.[1];
        if (!isRunning(job)) return;
        if (broken != 0 || !installed) {
          endJob(job, fault('internal', 'the new binary does not run'));
        } else if (installed == runningVersion() && readfile(INSTALLED) == installed_before) {
          endJob(job, null, { version: installed, newest: true });
        } else {
          // From here on there is no way back.
          job.cancel = null;
          restarting = { job, version: installed, since: seconds() };
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

/** Stays with a version; none if it is empty. False: as above. */
function pin(version: string): boolean {
  return setOption('version', version);
}

export {
  lastGood,
  lookForRestart,
  noteGood,
  pin,
  readState,
  restartDaemon,
  runningVersion,
  setAside,
  startUpdate,
  updateProgress,
  versionBefore,
  whatRuns
};
