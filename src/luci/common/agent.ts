/** The agent's methods, as the pages call them. */

import type { AgentError } from '../../shared/agent-errors.ts';

/** Why the agent's answer was no, if that is what was thrown. */
export function refusal(thrown: unknown): AgentError | undefined {
  return (thrown as { cause?: AgentError }).cause;
}

/** A login that may only look has no control that would be refused. */
export function mayChange(): boolean {
  return !L.env.nodespec.readonly;
}

/**
 * Calls a method of the agent. Throws a `refusal` if it says no, and LuCI's error if it cannot be asked. No call
 * waits for another one: LuCI would put those of one moment into one request.
 */
export function ask<Reply>(method: string, args?: Record<string, unknown>): Promise<Reply> {
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
  if (typeof reply !== 'object') throw new Error(String(reply));
  if (reply.error) throw new Error('', { cause: reply.error });
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
 * a `refusal` if it fails. While the agent cannot be asked, it is asked again, for a minute.
 */
export async function work<Result>(
  method: string,
  args?: Record<string, unknown>,
  seen?: (progress: unknown) => void
): Promise<Result> {
  const { job } = await ask<{ job: number }>(method, args);
  let failures = 0;
  for (let wait = 200; ; wait = Math.min(wait * 1.5, 1000)) {
    await pause(wait);
    try {
      const now = await ask<Job<Result>>('job', { id: job });
      failures = 0;
      seen?.(now.progress);
      // What somebody has called off is no failure; it has no result.
      if (now.state !== 'running') return now.result as Result;
    } catch (error) {
      if (refusal(error) || ++failures > 30) throw error;
      wait = 2000;
    }
  }
}

/** What to know of the router's clock, if it is not the browser's: nothing where that cannot be asked. */
export async function otherClock(): Promise<string> {
  try {
    const { localtime } = await callUbus<{ localtime: number }>('system', 'info');
    const here = Date.now() / 1000 - new Date().getTimezoneOffset() * 60;
    if (Math.abs(localtime - here) > 300)
      return ` ${_('Times are the router’s, where it is %s now.')}`.replace(
        '%s',
        new Date(localtime * 1000).toISOString().slice(11, 16)
      );
  } catch {
    // It is not important.
  }
  return '';
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
