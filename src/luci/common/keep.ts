/**
 * Confirm or revert: the agent undoes what could have cut us off, unless we confirm it through the new state. The
 * page does so by itself, over a connection that is new: one of before may go on where no new one gets through.
 */

import type { Status } from '../../shared/status.ts';
import { ask, pause, refusal, type Job } from './agent.ts';
import { button } from './controls.ts';
import { el, redraw, say } from './elements.ts';
import { lookAgain } from './follow.ts';
import { duration } from './units.ts';

/** The job that this page is about to confirm, also after it was loaded anew. */
const KEPT = 'tailscale-ram';
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
  args?: Record<string, unknown>
): Promise<Reply> {
  const reply = await ask<Reply & { job: number; confirm_within?: number }>(method, args);
  if (reply.confirm_within) {
    sessionStorage[KEPT] = reply.job;
    void settle(reply.job);
  }
  await lookAgain();
  return reply;
}

/** Draws what waits to be confirmed, and how it ended. Only the seconds change each second: nobody wants to hear that. */
export function showPending(parent: HTMLElement, { unconfirmed }: Status): void {
  const job = unconfirmed?.job;
  if (!own && job && sessionStorage[KEPT] === String(job)) void settle(job);
  left.textContent = duration(unconfirmed?.seconds ?? 0, 'short');
  redraw(parent, [job, own, outcome], () => {
    if (!job) return outcome && el('p', { class: 'alert-message warning' }, outcome);
    const isOwn = job === own;
    const text = isOwn
      ? _('Done. It is undone in %s, unless this page still reaches the router.')
      : _('Somebody’s change is undone in %s, unless it is kept.');
    const keep = button(_('Keep it'), () => change('confirm', { job }));
    return el('p', { class: 'alert-message notice' }, say(text, left), ' ', !isOwn && keep);
  });
}

async function settle(job: number): Promise<void> {
  own = job;
  outcome = '';
  let ended: unknown;
  await pause(EFFECT_MS);
  while (!ended) {
    try {
      await endConnections();
      ended = await ask('confirm', { job });
    } catch (error) {
      // Not there any more: it was undone meanwhile, or somebody else has confirmed it.
      if (refusal(error)) ended = await stateOf(job);
      else await pause(2000);
    }
  }
  own = undefined;
  if (ended === 'failed')
    outcome = _('The change was undone: with it, this page could not reach the router.');
  sessionStorage[KEPT] = '';
  await lookAgain();
}

function stateOf(id: number): Promise<unknown> {
  return ask<Job<unknown>>('job', { id }).then(
    ({ state }) => state,
    // An agent that knows nothing of it has undone it at a start.
    (error: unknown) => refusal(error) && 'failed'
  );
}

/** uhttpd ends a connection whose request has a body that nobody reads; a browser holds six of them. */
async function endConnections(): Promise<void> {
  const nowhere = L.resource('none');
  await Promise.allSettled([1, 2, 3, 4, 5, 6].map(() => fetch(nowhere, { method: 'POST', body: ' ' })));
}
