/** What the parts of the page have in common. */

import { button, el, folded } from '../common.ts';

type Child = Node | string | null;

/** A part that is read again and again while it is open. */
export interface Live {
  node: HTMLElement;
  look: () => void;
}

export function live(title: string, read: () => Promise<void>, ...content: Child[]): Live {
  const fold = folded(title, ...content) as HTMLDetailsElement;
  const look = (): void => {
    if (fold.open) quietly(read());
  };
  fold.className = 'cbi-section';
  fold.addEventListener('toggle', look);
  return { node: fold, look };
}

export function section(title: string, ...content: Child[]): HTMLElement {
  return el('div', { class: 'cbi-section' }, el('h3', title), content);
}

/** Choices that are what they are called. */
export function choice(values: string): HTMLSelectElement {
  const options = values.split(' ').map((value) => el('option', value));
  return el('select', { class: 'cbi-input-select' }, options) as HTMLSelectElement;
}

export function input(attributes: Record<string, unknown>): HTMLInputElement {
  return el('input', { class: 'cbi-input-text', ...attributes }) as HTMLInputElement;
}

/** A field, and a button for what is in it, which Enter presses, too. */
export function inputFor(
  label: string,
  attributes: Record<string, unknown>,
  run: (text: string) => Promise<void>
): [HTMLInputElement, HTMLElement | null] {
  const go = button(label, () => run(field.value.trim()));
  const keydown = ({ key }: KeyboardEvent): void => {
    if (key === 'Enter') go?.click();
  };
  const field = input({ type: 'text', keydown, ...attributes });
  return [field, go];
}

/** Without a word if it is not possible: that the agent is lost stands on top of the page. */
export function quietly(work: Promise<void>): void {
  work.catch(() => undefined);
}
