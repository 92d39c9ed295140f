/**
 * Confirm or revert: what can cut off the person who asks for it is undone after 90 seconds, unless it is
 * confirmed from where it was asked. How to undo it is on flash before it is done, so that neither a power cut nor
 * a killed agent leaves a router unreachable.
 */

import { readfile, unlink } from 'fs';
import { timer } from 'uloop';
import type { Timer } from 'uloop';
import type { AgentError } from '../shared/agent-errors.ts';
import { daemon, seconds } from './daemon.ts';
import { saveFile, STATE_DIR, sync } from './flash.ts';
import { endJob, startJob } from './jobs.ts';
import type { Job } from './jobs.ts';
import { callAll } from './localapi.ts';
import type { Step } from './localapi.ts';
import type { Answer } from './server.ts';
import { fault, parse } from './text.ts';

interface Unconfirmed {
  job: number;
  method: string;
  undo: Step[];
  /** The boot that it belongs to, and until when in seconds of its uptime. */
  boot: string;
  until: number;
}

const SECONDS = int(getenv('TSR_CONFIRM_S') ?? 90);
const UNWRITABLE: AgentError = fault('internal', 'flash cannot be written');
const FILE = `${STATE_DIR}/unconfirmed.json`;

let waiting: Unconfirmed | null = null;
let job: Job | null = null;
let deadline: Timer | null;

function thisBoot(): string {
  return trim(readfile('/proc/sys/kernel/random/boot_id') ?? '');
}

function forget(): void {
  waiting = null;
  job = null;
  deadline?.set(2147483647);
  unlink(FILE);
}

/** Again and again, until tailscaled takes it; what it refuses cannot be undone. */
function revert(): void {
  let record = waiting;
  if (!record) return;
  callAll(record.undo, (failure) => {
    if (waiting != record) return;
    if (failure && failure.code != 'daemon-refused') {
      deadline?.set(2000);
      return;
    }
    warn(`${record.method} was not confirmed: ${failure?.detail ?? 'undone'}\n`);
    if (job) endJob(job, fault('not-confirmed', failure?.detail ?? ''));
    forget();
  });
}

/**
 * Does `steps`; unless `confirm` is called within 90 seconds, `undo` afterwards. Answers with the number of the
 * job that is to be confirmed, or what was wrong; then nothing is changed.
 */
function doUnconfirmed(method: string, steps: readonly Step[], undo: Step[], answer: Answer): void {
  // Without preferences it is not known what to go back to.
  if (waiting || !daemon.prefs) {
    answer(waiting ? fault('busy', `${waiting.method} is not confirmed`) : fault('daemon-unreachable'));
    return;
  }
  let started = startJob(method, answer);
  if (!started) return;
  let record: Unconfirmed = { job: started.job, method, undo, boot: thisBoot(), until: 0 };
  let save = (): boolean => {
    record.until = seconds() + SECONDS;
    return saveFile(FILE, sprintf('%J', record));
  };
  if (!save()) {
    endJob(started, UNWRITABLE);
    answer(UNWRITABLE);
    return;
  }
  waiting = record;
  job = started;
  sync(() => {
    callAll(steps, (failure) => {
      if (failure) {
        endJob(started, failure);
        // A part of it may be done.
        revert();
        answer(failure);
        return;
      }
      save();
      deadline?.set(SECONDS * 1000);
      answer(null, { job: started.job, confirm_within: SECONDS });
    });
  });
}

/** Keeps what was done by the job of this number; false: there is none that waits for it. */
function confirm(id: number): boolean {
  if (waiting?.job != id) return false;
  if (job) endJob(job, null, { confirmed: true });
  forget();
  return true;
}

/** What waits for its confirmation, with the seconds that are left. */
function unconfirmed(): { job: number; method: string; seconds: number } | null {
  if (!waiting) return null;
  return { job: waiting.job, method: waiting.method, seconds: max(0, waiting.until - seconds()) };
}

/** Goes on with what an agent before this one has left; what is left from before a reboot is undone at once. */
function resumeUnconfirmed(): void {
  deadline = timer(-1, revert);
  let record = parse(readfile(FILE)) as Unconfirmed | null;
  if (type(record?.undo) != 'array' || !record) {
    unlink(FILE);
    return;
  }
  waiting = record;
  job = startJob(record.method, () => null, record.job);
  let left = record.boot == thisBoot() ? record.until - seconds() : 0;
  deadline?.set(min(SECONDS, max(0, left)) * 1000);
}

export { confirm, doUnconfirmed, resumeUnconfirmed, unconfirmed, UNWRITABLE };
