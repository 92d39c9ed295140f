import {
  askFor,
  button,
  change,
  el,
  explain,
  folded,
  lookAgain,
  redraw,
  remedyLabel,
  say,
  tellFailure,
  work,
  type Section
} from '../common.ts';
import type { Problem } from '../../shared/problems.ts';

/** One box, the worst first, with what mends it; the others folded behind it. */
export function problemSection(): Section {
  const node = el('div', { role: 'status' });
  return [
    node,
    ({ problems }) => {
      // There is a section of its own for a login.
      const shown = problems.filter(({ code }) => code !== 'logged-out');
      redraw(node, shown, () => {
        const [worst, ...others] = shown.map(box);
        return [worst, others[0] && folded(say(_('Also to know: %s'), others.length), others)];
      });
    }
  ];
}

function box(problem: Problem): HTMLElement {
  const [title, text] = explain(problem);
  const label = remedyLabel(problem);
  const { code, severity } = problem;
  const kind = severity === 'info' ? 'notice' : severity;
  return el(
    'div',
    { class: `alert-message ${kind}`, 'data-problem': code },
    el('h4', title),
    el('p', text, el('small', { style: 'color:inherit' }, `(${code})`)),
    label && button(label, () => mend(problem), 'action', { 'data-key': code })
  );
}

/** Some methods want to be told what the problem alone implies. */
async function mend({ remedy }: Problem): Promise<void> {
  const method = remedy?.method ?? '';
  if (method === 'forget_identity') {
    askFor('Tailscale', _('The next login makes a new device of it.'), _('Remove the identity'), () =>
      change(method)
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
