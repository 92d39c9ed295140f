import { ask, checkbox, el, input, otherClock, redraw, type Section } from '../common.ts';
import { live } from './parts.ts';

/** The last lines of ours in the router's log. */
export function logSection(): Section {
  let lines: string[] = [];
  const draw = (): void => {
    const wanted = filter.value.toLowerCase();
    const text = lines.filter((line) => line.toLowerCase().includes(wanted)).join('\n');
    // Who reads further up stays there.
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 30;
    redraw(box, text, () => text);
    if (atEnd) box.scrollTop = box.scrollHeight;
  };
  const read = async (): Promise<void> => {
    if (paused.checked) return;
    ({ lines } = await ask<{ lines: string[] }>('log', { lines: 300 }));
    draw();
  };
  const filter = input({ type: 'search', placeholder: _('Filter …'), input: draw });
  const paused = checkbox();
  const clock = el('p');
  const box = el('pre', { tabindex: 0, style: 'max-height:25em;overflow:auto;white-space:pre-wrap' });
  void otherClock().then((text) => {
    clock.append(text);
  });
  return live(_('Log'), read, filter, ' ', el('label', paused, ' ', _('Pause')), clock, box);
}
