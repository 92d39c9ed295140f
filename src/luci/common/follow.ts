/** What every page does: asks how things stand, and says when it cannot. */

import type { Status } from '../../shared/status.ts';
import { ask } from './agent.ts';
import { el, redraw } from './elements.ts';
import { showPending } from './keep.ts';
import { explainFailure } from './refusals.ts';

let shown: ((status: Status) => void) | undefined;
let asked = -Infinity;
let moving = true;
let asking: Promise<void> | undefined;

const lost = el('div', { role: 'status' });
const pending = el('div', { role: 'status' });

/**
 * Calls `show` with the status again and again: each second while something moves, each five seconds else, never
 * while nobody looks. Returns what goes on top of the page: why nothing is known, and what waits to be confirmed.
 */
export function follow(show: (status: Status) => void): HTMLElement {
  shown = show;
  poll.add(tick, 1);
  document.addEventListener('visibilitychange', () => void tick());
  // The first time without waiting for LuCI's clock.
  void tick();
  return el('div', lost, pending);
}

/** Asks at once, because something has changed. */
export async function lookAgain(): Promise<void> {
  asked = -Infinity;
  // One that is under way may have been answered before.
  await asking;
  await tick();
}

function tick(): Promise<void> {
  const due = performance.now() - asked >= (moving ? 900 : 4900);
  if (asking || document.hidden || !due) return asking ?? Promise.resolve();
  asked = performance.now();
  asking = look().finally(() => (asking = undefined));
  return asking;
}

async function look(): Promise<void> {
  try {
    const status = await ask<Status>('status');
    moving = isMoving(status);
    redraw(lost, null, () => []);
    showPending(pending, status);
    shown?.(status);
  } catch (error) {
    moving = true;
    const text = explainFailure(error);
    redraw(lost, text, () => [el('p', { class: 'alert-message warning' }, text)]);
  }
}

function isMoving({ bootstrap, daemon, state, login_url, unconfirmed }: Status): boolean {
  const fetching = bootstrap !== null && bootstrap.phase !== 'running' && bootstrap.phase !== 'blocked';
  return fetching || !daemon || state === 'Starting' || login_url !== null || unconfirmed !== null;
}
