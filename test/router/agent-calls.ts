import { basename } from 'node:path';
import * as assert from 'uvu/assert';
import type { OpenWrt } from '../../dev/router/router.ts';
import type { AgentError } from '../../src/shared/agent-errors.ts';
import type { Status } from '../../src/shared/status.ts';

/** As the agent's method `job` tells. */
export interface Job {
  job: number;
  method: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  progress: Record<string, unknown>;
  result: unknown;
  error: AgentError | null;
}

/** Calls a method of the agent. Throws if it refuses, with the code of its error first. */
export async function callAgent<T = Record<string, unknown>>(
  router: OpenWrt,
  method: string,
  args: object = {}
): Promise<T> {
  const reply = (await router.ubus('tailscale-ram', method, args)) as { error?: AgentError | null };
  // A job has an error of its own.
  if (reply.error && method !== 'job') throw new Error(`${reply.error.code}: ${reply.error.detail}`);
  return reply as T;
}

/** The code with which the agent refuses a call. */
export async function refusal(router: OpenWrt, method: string, args: object = {}): Promise<string> {
  const reply = (await router.ubus('tailscale-ram', method, args)) as { error?: AgentError };
  return reply.error?.code ?? `done: ${JSON.stringify(reply)}`;
}

export function agentStatus(router: OpenWrt): Promise<Status> {
  return callAgent<Status>(router, 'status');
}

/** Waits until the agent says so, and returns all that it says. */
export async function untilStatus(
  router: OpenWrt,
  what: string,
  seconds: number,
  condition: (status: Status) => boolean
): Promise<Status> {
  let last: Status | undefined;
  try {
    return (await router.until(what, seconds, async () => {
      last = await agentStatus(router);
      return condition(last) && last;
    })) as Status;
  } catch (error) {
    if (error instanceof Error) error.message += `\nThe agent's last word: ${JSON.stringify(last)}`;
    throw error;
  }
}

/** Waits until the agent says that the router is in its tailnet. */
export function untilInTailnet(router: OpenWrt, seconds = 20): Promise<Status> {
  return untilStatus(router, 'the agent says Running', seconds, ({ state }) => state === 'Running');
}

/** Waits until a job is no longer running. */
export async function untilEnded(router: OpenWrt, job: number, seconds = 20): Promise<Job> {
  return (await router.until(`job ${job} has ended`, seconds, async () => {
    const now = await callAgent<Job>(router, 'job', { id: job });
    return now.state !== 'running' && now;
  })) as Job;
}

/** The number of the job that a method has begun. */
export async function startJob(router: OpenWrt, method: string, args: object = {}): Promise<number> {
  const { job } = await callAgent<{ job: number }>(router, method, args);
  assert.type(job, 'number');
  return job;
}

/** Of the agent, in the router. Empty while there is none. */
export async function agentPid(router: OpenWrt): Promise<string> {
  const all = (await router.exec('pidof ucode')).stdout.trim().split(' ');
  for (const pid of all) {
    const [, script = ''] = ((await router.read(`proc/${pid}/cmdline`)) ?? '').split('\0');
    if (basename(script) === 'agent') return pid;
  }
  return '';
}
