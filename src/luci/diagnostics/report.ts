import { ask, button, checkbox, copyFrom, el, fill, lookButton, row } from '../common.ts';
import { section } from './parts.ts';

/** What to send to who helps. */
export function reportSection(): HTMLElement {
  const names = checkbox();
  const result = el('div');
  const collect = async (): Promise<void> => {
    const { report } = await ask<{ report: unknown }>('report', { names: names.checked });
    const value = JSON.stringify(report, null, 1);
    const text = el(
      'textarea',
      { readonly: '', rows: 12, 'aria-label': _('Report'), style: 'width:100%' },
      value
    ) as HTMLTextAreaElement;
    const href = URL.createObjectURL(new Blob([value]));
    fill(
      result,
      text,
      el('a', { class: 'btn cbi-button', href, download: 'tailscale-report.txt' }, _('Save …')),
      ' ',
      lookButton(_('Copy'), () => {
        copyFrom(text);
      })
    );
  };
  return section(
    _('Report'),
    row(_('With names'), names, _('Else others are in their place. Keys are never in it.')),
    button(_('Collect'), collect),
    result
  );
}
