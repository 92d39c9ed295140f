import { ask, callUbus, el, redraw, say } from '../common.ts';
import { input, live, quietly, type Live } from './parts.ts';

/** The last lines of ours in the router's log. */
export function logSection(): Live {
  let lines: string[] = [];
  const draw = (): void => {
    const wanted = filter.value.toLowerCase();
    const text = lines.filter((line) => line.toLowerCase().includes(wanted)).join('\n');
    // Who reads further up stays there.
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 30;
    redraw(box, text, () => [text]);
    if (atEnd) box.scrollTop = box.scrollHeight;
  };
  const read = async (): Promise<void> => {
    if (paused.checked) return;
    ({ lines } = await ask<{ lines: string[] }>('log', { lines: 300 }));
    draw();
  };
  const filter = input({ type: 'search', placeholder: _('Filter …'), input: draw });
  const paused = el('input', { type: 'checkbox' }) as HTMLInputElement;
  const clock = el('p', {});
  const box = el('pre', { tabindex: 0, style: 'max-height:25em;overflow:auto;white-space:pre-wrap' });
  quietly(tellClock(clock));
  return live(_('Log'), read, filter, ' ', el('label', paused, ' ', _('Pause')), clock, box);
}

/** The log has the router's time, which need not be the reader's. */
async function tellClock(parent: HTMLElement): Promise<void> {
  const { localtime } = await callUbus<{ localtime: number }>('system', 'info');
  const here = Date.now() / 1000 - new Date().getTimezoneOffset() * 60;
  if (Math.abs(localtime - here) < 300) return;
  const time = new Date(localtime * 1000).toISOString().slice(11, 16);
  parent.append(...say(_('Times are the router’s, where it is %s now.'), time));
}
