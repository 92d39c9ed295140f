/** What every page is: it asks how things stand, and says when it cannot. */

import type { Status } from '../../shared/status.ts';
import { ask } from './agent.ts';
import { el, redraw, type Child } from './elements.ts';
import { showPending } from './keep.ts';
import { explainFailure } from './refusals.ts';

/** A part of a page, and what is called with each status. */
export type Section = readonly [HTMLElement, (status: Status) => void];

let shown: ((status: Status) => void) | undefined;
let asked = -Infinity;
let moving: unknown = true;
let asking: Promise<void> | undefined;

const lost = el('div', { role: 'status' });
const pending = el('div', { role: 'status' });

/**
 * A page. Calls `show` with the status again and again: each second while something moves, each five seconds else,
 * never while nobody looks. On top of `content` is why nothing is known, and what waits to be confirmed.
 */
export function follow(
  title: string,
  show: (status: Status) => void,
  ...content: readonly Child[]
): HTMLElement {
  shown = show;
  poll.add(tick, 1);
  document.onvisibilitychange = () => void tick();
  // The first time without waiting for LuCI's clock.
  void tick();
  return el('div', { style: 'overflow-wrap:anywhere' }, el('h2', title), lost, pending, content);
}

/** Asks at once, because something has changed. */
export async function lookAgain(): Promise<void> {
  asked = -Infinity;
  // One that is under way may have been answered before.
  await asking;
  await tick();
}

function tick(): Promise<void> | undefined {
  const due = performance.now() - asked >= (moving ? 900 : 4900);
  if (asking || document.hidden || !due) return asking;
  asked = performance.now();
  asking = look().finally(() => (asking = undefined));
  return asking;
}

async function look(): Promise<void> {
  try {
    const status = await ask<Status>('status');
    const { bootstrap, daemon, state, login_url, unconfirmed } = status;
    const fetching = bootstrap && !['blocked', 'running'].includes(bootstrap.phase);
    moving = fetching || !daemon || state === 'Starting' || login_url || unconfirmed;
    redraw(lost);
    showPending(pending, status);
    shown?.(status);
  } catch (error) {
    moving = true;
    const text = explainFailure(error);
    redraw(lost, text, () => el('p', { class: 'alert-message warning' }, text));
  }
}
