/** How a device answers, and on which path. */

import type { AgentError } from '../../shared/agent-errors.ts';
import type { Peer } from '../../shared/status.ts';
import { el, explainRefusal, fill, lookButton, milliseconds, pause, work } from '../common.ts';
import { pathWords } from './words.ts';

interface Reply {
  error?: AgentError;
  milliseconds: number;
  path: Peer['path'];
  via: string | null;
}

/**
 * Writes each answer into `parent`, until one came directly, 20 were asked for, or nobody looks any more. What says
 * nothing of a path, and what fails, is asked three times. `answered` is called after each.
 */
export async function ping(
  peer: string,
  type: string,
  parent: HTMLElement,
  answered?: () => unknown
): Promise<void> {
  let left = 20;
  const stop = lookButton(_('Stop'), () => {
    left = 0;
  });
  const answers = el('div', { role: 'log' });
  fill(parent, answers, stop);
  try {
    while (left > 0 && parent.isConnected && !document.hidden) {
      const { replies } = await work<{ replies: [Reply] }>('ping', { peer, type, count: 1 });
      const { error, path, via, milliseconds: time } = replies[0];
      const words = error ? explainRefusal(error) : [pathWords(path, via), ' ', milliseconds(time)];
      answers.append(answers.firstChild ? ' · ' : '', el('span', words));
      await answered?.();
      if (path === 'direct') return;
      left -= error || path === 'none' ? 7 : 1;
      await pause(700);
    }
  } finally {
    stop.remove();
  }
}
