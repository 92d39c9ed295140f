import {
  askFor,
  button,
  change,
  el,
  explain,
  lookAgain,
  redraw,
  remedyLabel,
  say,
  tellFailure,
  work
} from '../common.ts';
import type { Problem } from '../../shared/problems.ts';
import type { Section } from './section.ts';

/** One box, the worst first, with what mends it; the others folded behind it. */
export function problemSection(): Section {
  const node = el('div', { role: 'status' });
  return {
    node,
    show: ({ problems }) => {
      // There is a section of its own for a login.
      const shown = problems.filter(({ code }) => code !== 'logged-out');
      redraw(node, shown, () => {
        const [worst, ...others] = shown.map(box);
        if (others.length === 0) return [worst];
        const title = say(_('Also to know: %s'), others.length);
        return [worst, el('details', el('summary', title), others)];
      });
    }
  };
}

const kinds = { error: 'error', warning: 'warning', info: 'notice' };

function box(problem: Problem): HTMLElement {
  const { title, text } = explain(problem);
  const label = remedyLabel(problem);
  return el(
    'div',
    { class: `alert-message ${kinds[problem.severity]}`, 'data-problem': problem.code },
    el('h4', title),
    el('p', text, el('small', { style: 'color:inherit' }, `(${problem.code})`)),
    label !== null && button(label, () => mend(problem), 'action', { 'data-key': problem.code })
  );
}

/** Some methods want to be told what the problem alone implies. */
async function mend({ remedy }: Problem): Promise<void> {
  const method = remedy?.method ?? '';
  if (method === 'forget_identity') {
    askFor(
      'Tailscale',
      [_('This router will be a new device, with other addresses.')],
      _('Remove the identity'),
      () => change(method)
    );
  } else if (method === 'login') {
    document.getElementById('tsr-login')?.focus();
  } else if (method === 'update' || method === 'rollback' || method === 'reauth') {
    const job = work(method);
    if (method !== 'reauth') await job;
    else job.catch(tellFailure);
  } else {
    const implied: Record<string, object> = { exit_node: { id: 'none' }, pin: { version: '' } };
    await change(method, { ...implied[method], ...remedy?.arguments });
    // With the pin gone, it is tried again at once.
    if (method === 'pin') await change('retry');
  }
  await lookAgain();
}
