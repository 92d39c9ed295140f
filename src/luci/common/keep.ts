/**
 * Confirm or revert: the agent undoes what could have cut us off, unless we confirm it through the new state. The
 * page does so by itself, over a connection that is new: one of before may go on where no new one gets through.
 */

import type { Status } from '../../shared/status.ts';
import { ask, pause, Refusal, type Job } from './agent.ts';
import { button } from './controls.ts';
import { el, redraw, say } from './elements.ts';
import { lookAgain } from './follow.ts';
import { duration } from './units.ts';

/** The job that this page is about to confirm, also after it was loaded anew. */
const KEPT = 'tailscale-ram.unconfirmed';
/** What has been done may take a moment to have its effect. */
const EFFECT_MS = 2500;

let own: number | undefined;
let outcome = '';
const left = el('span', { role: 'timer' });

/**
 * Calls a method that may cut off who calls it, and confirms it if it has not. Resolves as soon as the agent has
 * answered; what comes of it is shown on top of the page.
 */
export async function change<Reply extends object>(
  method: string,
  args: Record<string, unknown> = {}
): Promise<Reply> {
  const reply = await ask<Reply & { job?: number; confirm_within?: number }>(method, args);
  if (reply.job !== undefined && reply.confirm_within !== undefined) {
    sessionStorage.setItem(KEPT, String(reply.job));
    void settle(reply.job);
  }
  await lookAgain();
  return reply;
}

/** Draws what waits to be confirmed, and how it ended. Only the seconds change each second: nobody wants to hear that. */
export function showPending(parent: HTMLElement, { unconfirmed }: Status): void {
  const job = unconfirmed?.job;
  if (own === undefined && job !== undefined && sessionStorage.getItem(KEPT) === String(job))
    void settle(job);
  left.textContent = duration(unconfirmed?.seconds ?? 0, 'short');
  redraw(parent, [job, own, outcome], () => {
    if (job === undefined) return [outcome !== '' && el('p', { class: 'alert-message warning' }, outcome)];
    const isOwn = job === own;
    const text = isOwn
      ? _('Done. Unless this page still reaches the router, it is undone in %s.')
      : _('Somebody’s change is undone in %s, unless it is kept.');
    const keep = button(_('Keep it'), () => ask('confirm', { job }).then(lookAgain));
    return [el('p', { class: 'alert-message notice' }, say(text, left), ' ', !isOwn && keep)];
  });
}

async function settle(job: number): Promise<void> {
  own = job;
  outcome = '';
  let undone: boolean | undefined;
  await pause(EFFECT_MS);
  while (undone === undefined) {
    try {
      await endConnections();
      await ask('confirm', { job });
      undone = false;
    } catch (error) {
      // Not there any more: it was undone meanwhile, or somebody else has confirmed it.
      if (error instanceof Refusal) undone = await wasUndone(job);
      else await pause(2000);
    }
  }
  own = undefined;
  if (undone) outcome = _('The change was undone: with it, this page could not reach the router.');
  sessionStorage.removeItem(KEPT);
  await lookAgain();
}

async function wasUndone(job: number): Promise<boolean | undefined> {
  try {
    return (await ask<Job<unknown>>('job', { id: job })).state === 'failed';
  } catch (error) {
    // An agent that knows nothing of it has undone it at a start.
    return error instanceof Refusal ? true : undefined;
  }
}

/** uhttpd ends a connection whose request has a body that nobody reads; a browser holds six of them. */
async function endConnections(): Promise<void> {
  const nowhere = L.resource('tailscale-ram/none');
  const send = (): Promise<unknown> => fetch(nowhere, { method: 'POST', body: ' ', cache: 'no-store' });
  await Promise.allSettled(Array.from({ length: 6 }, send));
}
