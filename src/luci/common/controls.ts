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
  attributes?: Record<string, unknown>
): HTMLElement | false {
  return mayChange() && lookButton(label, run, style, attributes);
}

/** One that only looks, for everybody. */
export function lookButton(
  label: string,
  run: () => unknown,
  style: Style = 'neutral',
  attributes?: Record<string, unknown>
): HTMLButtonElement {
  const click = async (): Promise<void> => {
    made.disabled = made.classList.toggle('spinning');
    try {
      await run();
    } catch (error) {
      tellFailure(error);
    }
    made.disabled = made.classList.toggle('spinning');
  };
  const made = el(
    'button',
    {
      class: `btn cbi-button cbi-button-${style}`,
      'data-key': label,
      ...attributes,
      click
    },
    label
  ) as HTMLButtonElement;
  return made;
}

/** Says something on top of the page, until it is closed. */
export function tell(...text: readonly Child[]): void {
  ui.addNotification(null, el('p', { role: 'alert', style: 'overflow-wrap:anywhere' }, text), 'warning');
  scrollTo({ top: 0, behavior: 'smooth' });
}

/** Likewise what was thrown. */
export function tellFailure(error: unknown): void {
  tell(explainFailure(error));
}

/** A text with a button that copies it; `shown` in its place, such as a link. */
export function copyable(text: string, shown: Child = el('code', el('bdi', text))): HTMLElement {
  const said = el('span', { role: 'status' });
  const copy = async (): Promise<void> => {
    const field = el('textarea', { style: 'position:fixed' }, text) as HTMLTextAreaElement;
    document.body.append(field);
    copyFrom(field);
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

/** By what http has, too: the clipboard itself is there for https alone. */
export function copyFrom(field: HTMLTextAreaElement): void {
  field.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  document.execCommand('copy');
}

/** A field for a line of text. */
export function input(attributes: Record<string, unknown>): HTMLInputElement {
  return el('input', { type: 'text', class: 'cbi-input-text', ...attributes }) as HTMLInputElement;
}

/** A box to tick. */
export function checkbox(attributes?: Record<string, unknown>): HTMLInputElement {
  return el('input', { type: 'checkbox', ...attributes }) as HTMLInputElement;
}

export function select(attributes: Record<string, unknown>, ...options: readonly Child[]): HTMLSelectElement {
  return el('select', { class: 'cbi-input-select', ...attributes }, options) as HTMLSelectElement;
}

/** A line of a form: what it is, the control, and help below. The label belongs to the control. */
export function row(title: string, control: Child, help?: Child): HTMLElement {
  const field = el(
    'div',
    { class: 'cbi-value-field' },
    control,
    help && el('div', { class: 'cbi-value-description' }, help)
  );
  const labelled = field.querySelector(':scope>:is(input,select,textarea)');
  if (labelled) labelled.id ||= `tsr-${++rows}`;
  return el(
    'div',
    { class: 'cbi-value' },
    el('label', { class: 'cbi-value-title', for: labelled?.id }, title),
    field
  );
}

let rows = 0;

/** What is seldom wanted, behind its title. */
export function folded(title: Child, ...content: readonly Child[]): HTMLElement {
  return el('details', el('summary', title), content);
}

/** Asks for a text that must be `wanted`, because what follows cannot be undone. */
export function askFor(wanted: string, text: string, label: string, run: () => unknown): void {
  const go = lookButton(
    label,
    async () => {
      await run();
      ui.hideModal();
    },
    'negative',
    { disabled: '' }
  );
  const field = input({
    'aria-label': wanted,
    autocomplete: 'off',
    input: () => {
      go.disabled = field.value !== wanted;
    }
  });
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
