/** What takes longer than a caller should wait: it has a number at once, and tells how it goes. */

import { timer } from 'uloop';
import type { Timer } from 'uloop';
import type { AgentError } from '../shared/agent-errors.ts';
import type { Answer } from './server.ts';

interface Job {
  id: number;
  method: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /** What is known so far. */
  progress: Record<string, unknown>;
  result: unknown;
  error: AgentError | null;
  /** Ends what it does. */
  cancel: (() => void) | null;
}

const MOST = 8;
const KEPT_MS = 120000;
const jobs: Record<string, Job> = {};
let last = 0;

function isRunning(job: Job | null): boolean {
  return job?.state == 'running';
}

/** `id`: of one that an agent before this one has begun. Null: there are as many as there may be. */
function startJob(method: string, id?: number): Job | null {
  if (length(filter(values(jobs), isRunning)) >= MOST) return null;
  last = id ?? last + 1;
  let job: Job = {
    id: last,
    method,
    state: 'running',
    progress: {},
    result: null,
    error: null,
    cancel: null
  };
  jobs[`${job.id}`] = job;
  return job;
}

/** Answers with the number of a new job, and hands it to `work`. */
function asJob(method: string, answer: Answer, work: (job: Job) => void): void {
  let job = startJob(method);
  if (!job) {
    answer({ code: 'too-many-jobs', detail: '' });
    return;
  }
  answer(null, { job: job.id });
  work(job);
}

/** Once; what comes later counts for nothing. */
function end(job: Job, state: 'done' | 'failed' | 'cancelled'): void {
  job.state = state;
  job.cancel = null;
  let forget: Timer | null;
  forget = timer(KEPT_MS, () => {
    delete jobs[`${job.id}`];
    forget?.cancel();
  });
}

function finishJob(job: Job, result: unknown): void {
  if (!isRunning(job)) return;
  job.result = result;
  end(job, 'done');
}

function failJob(job: Job, error: AgentError): void {
  if (!isRunning(job)) return;
  job.error = error;
  end(job, 'failed');
}

function cancelJob(job: Job): void {
  let cancel = job.cancel;
  if (!isRunning(job)) return;
  end(job, 'cancelled');
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
  return {
    job: job.id,
    method: job.method,
    state: job.state,
    progress: job.progress,
    result: job.result,
    error: job.error
  };
}

export { asJob, cancelJob, failJob, findJob, finishJob, isRunning, runningJob, showJob, startJob };
export type { Job };
