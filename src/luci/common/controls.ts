/** What people press and fill in, in LuCI's look. */

import { mayChange, pause } from './agent.ts';
import { el, type Child } from './elements.ts';
import { explainFailure } from './refusals.ts';

export type Style = 'action' | 'apply' | 'neutral' | 'negative';

/**
 * A button that is busy until `run` has ended; what keeps it from being done is told on top of the page. Nothing
 * at all for who may only look.
 */
export function button(
  label: string,
  run: () => unknown,
  style: Style = 'action',
  attributes: Record<string, unknown> = {}
): HTMLElement | null {
  return mayChange() ? lookButton(label, run, style, attributes) : null;
}

/** One that only looks, for everybody. */
export function lookButton(
  label: string,
  run: () => unknown,
  style: Style = 'neutral',
  attributes: Record<string, unknown> = {}
): HTMLElement {
  const press = async (event: Event): Promise<void> => {
    const pressed = event.currentTarget as HTMLButtonElement;
    if (pressed.disabled) return;
    pressed.disabled = true;
    pressed.classList.add('spinning');
    try {
      await run();
    } catch (error) {
      tellFailure(error);
    } finally {
      pressed.disabled = false;
      pressed.classList.remove('spinning');
    }
  };
  return el(
    'button',
    {
      type: 'button',
      class: `btn cbi-button cbi-button-${style}`,
      'data-key': label,
      ...attributes,
      click: (event: Event) => void press(event)
    },
    label
  );
}

/** Says something on top of the page, until it is closed. */
export function tell(text: readonly Child[], kind: 'warning' | 'info' = 'warning'): void {
  ui.addNotification(null, el('p', { role: 'alert', style: 'overflow-wrap:anywhere' }, text), kind);
  window.scrollTo({ top: 0, behavior: 'smooth' });
}

/** Likewise what was thrown. */
export function tellFailure(error: unknown): void {
  tell(explainFailure(error));
}

/** A text with a button that copies it; `shown` in its place, such as a link. */
export function copyable(text: string, shown: readonly Child[] = [el('code', el('bdi', text))]): HTMLElement {
  const said = el('span', { role: 'status' });
  const copy = async (): Promise<void> => {
    const field = el('textarea', { style: 'position:fixed;opacity:0' }) as HTMLTextAreaElement;
    field.value = text;
    document.body.append(field);
    field.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- navigator.clipboard is there for https alone
    document.execCommand('copy');
    field.remove();
    said.textContent = ' ✓';
    await pause(1500);
    said.textContent = '';
  };
  const label = `${_('Copy')} ${text}`;
  return el(
    'span',
    shown,
    ' ',
    lookButton(_('Copy'), copy, 'neutral', { 'aria-label': label, 'data-key': label }),
    said
  );
}

/** A line of a form: what it is, the control, and help below. The label belongs to the control. */
export function row(
  title: string,
  control: Child | readonly Child[],
  help?: Child | readonly Child[]
): HTMLElement {
  const list = Array.isArray(control) ? (control as readonly Child[]) : [control as Child];
  const input = list.find((child) => child instanceof Element && child.matches('input,select,textarea'));
  const id = input instanceof Element ? (input.id ||= `tsr-${++rows}`) : undefined;
  return el(
    'div',
    { class: 'cbi-value' },
    el('label', { class: 'cbi-value-title', for: id }, title),
    el('div', { class: 'cbi-value-field' }, list, help && el('div', { class: 'cbi-value-description' }, help))
  );
}

let rows = 0;

/** What is seldom wanted, behind its title. */
export function folded(title: Child | readonly Child[], ...content: readonly Child[]): HTMLElement {
  return el('details', el('summary', title), content);
}

/** Asks for a text that must be `wanted`, because what follows cannot be undone. */
export function askFor(wanted: string, text: readonly Child[], label: string, run: () => unknown): void {
  const field = el('input', {
    type: 'text',
    class: 'cbi-input-text',
    'aria-label': wanted,
    autocomplete: 'off',
    input: () => {
      go.disabled = field.value !== wanted;
    }
  }) as HTMLInputElement;
  const go = lookButton(
    label,
    async () => {
      await run();
      ui.hideModal();
    },
    'negative'
  ) as HTMLButtonElement;
  go.disabled = true;
  ui.showModal(_('This cannot be undone'), [
    el('p', text),
    el('p', _('To go on, type the name of this device:'), ' ', el('code', wanted)),
    field,
    el(
      'div',
      { class: 'right' },
      lookButton(_('Cancel'), () => {
        ui.hideModal();
      }),
      ' ',
      go
    )
  ]);
  field.focus();
}
