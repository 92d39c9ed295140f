/** The agent's methods, as the pages call them. */

import type { AgentError } from '../../shared/agent-errors.ts';

/** The agent's answer was no. */
export class Refusal extends Error {
  readonly error: AgentError;

  constructor(error: AgentError) {
    super(error.code);
    this.error = error;
  }
}

/** A login that may only look has no control that would be refused. */
export function mayChange(): boolean {
  return L.hasViewPermission() !== false;
}

/**
 * Calls a method of the agent. Throws a `Refusal` if it says no, and LuCI's error if it cannot be asked. No call
 * waits for another one: LuCI would put those of one moment into one request.
 */
export async function ask<Reply>(method: string, args: Record<string, unknown> = {}): Promise<Reply> {
  return callUbus<Reply>('tailscale-ram', method, args);
}

/** Likewise any other object on ubus. */
export async function callUbus<Reply>(
  object: string,
  method: string,
  args: Record<string, unknown> = {}
): Promise<Reply> {
  const declaration = { object, method, params: Object.keys(args), nobatch: true, reject: true };
  const reply = (await rpc.declare(declaration)(...Object.values(args))) as
    (Reply & { error?: AgentError }) | number | undefined;
  // uhttpd leaves out a reply that is empty.
  if (reply === 0) return {} as Reply;
  // Else it is a number, or nothing: rpcd's own refusals.
  if (typeof reply !== 'object') throw new Error(`${object} ${method}: ${String(reply)}`);
  if (reply.error) throw new Refusal(reply.error);
  return reply;
}

/** What takes longer: the agent's `job`. */
export interface Job<Result> {
  job: number;
  method: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  progress: unknown;
  result: Result | null;
  error: AgentError | null;
}

/**
 * Calls a method that answers with the number of a job, tells `seen` how it goes, and returns its result. Throws
 * a `Refusal` if it fails. While the agent cannot be asked, it is asked again, for a minute.
 */
export async function work<Result>(
  method: string,
  args: Record<string, unknown> = {},
  seen: (progress: unknown) => void = () => undefined
): Promise<Result> {
  const { job } = await ask<{ job: number }>(method, args);
  let failures = 0;
  for (let wait = 200; ; wait = Math.min(wait * 1.5, 1000)) {
    await pause(failures > 0 ? 2000 : wait);
    try {
      const now = await ask<Job<Result>>('job', { id: job });
      failures = 0;
      seen(now.progress);
      // What somebody has called off is no failure; it has no result.
      if (now.state === 'done' || now.state === 'cancelled') return now.result as Result;
      if (now.state === 'failed') throw new Refusal(now.error ?? { code: 'internal', detail: '' });
    } catch (error) {
      if (error instanceof Refusal || ++failures > 30) throw error;
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
