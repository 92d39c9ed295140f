/** What takes longer than a caller should wait: it has a number at once, and tells how it goes. */

import { timer } from 'uloop';
import type { Timer } from 'uloop';
import type { AgentError } from '../shared/agent-errors.ts';
import type { Answer } from './server.ts';
import { fault } from './text.ts';

interface Job {
  /** Its number. */
  job: number;
  method: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /** What is known so far. */
  progress: Record<string, unknown>;
  result: unknown;
  error: AgentError | null;
  /** Ends what it does. */
  cancel?: (() => void) | null;
}

const MOST = 8;
const KEPT_MS = 120000;
const jobs: Record<string, Job> = {};
let last = 0;

function isRunning(job: Job | null): boolean {
  return job?.state == 'running';
}

/** `number`: of one that an agent before this one has begun. Null: there are as many as there may be, as `answer` tells. */
function startJob(method: string, answer: Answer, number?: number): Job | null {
  if (length(filter(values(jobs), isRunning)) >= MOST) {
    answer(fault('too-many-jobs'));
    return null;
  }
  last = number ?? last + 1;
  return (jobs[`${last}`] = {
    job: last,
    method,
    state: 'running',
    progress: {},
    result: null,
    error: null
  });
}

/** Answers with the number of a new job, and hands it to `work`. */
function asJob(method: string, answer: Answer, work: (job: Job) => void): void {
  let job = startJob(method, answer);
  if (!job) return;
  answer(null, { job: job.job });
  work(job);
}

/** Once, by what was wrong or with a result; what comes later counts for nothing. */
function endJob(job: Job, error: AgentError | null, result?: unknown): void {
  if (!isRunning(job)) return;
  job.state = error ? 'failed' : 'done';
  job.error = error;
  if (!error) job.result = result;
  delete job.cancel;
  let forget: Timer | null;
  forget = timer(KEPT_MS, () => {
    delete jobs[`${job.job}`];
    forget?.cancel();
  });
}

function cancelJob(job: Job): void {
  let cancel = job.cancel;
  if (!isRunning(job)) return;
  endJob(job, null, null);
  job.state = 'cancelled';
  cancel?.();
}

function findJob(id: number): Job | null {
  return jobs[`${id}`] ?? null;
}

/** The one of a method that runs, if one does. */
function runningJob(method: string): Job | null {
  return filter(values(jobs), (job) => isRunning(job) && job.method == method)[0] ?? null;
}

/** As a caller sees it. */
function showJob(job: Job): object {
  let shown = { ...job };
  delete shown.cancel;
  return shown;
}

export { asJob, cancelJob, endJob, findJob, isRunning, runningJob, showJob, startJob };
export type { Job };
