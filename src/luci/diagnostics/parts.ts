/** What the parts of the page have in common. */

import { button, el, input, type Child, type lookButton, type Section } from '../common.ts';

/** A part that is read again and again while it is open. */
export function live(title: string, read: () => Promise<void>, ...content: readonly Child[]): Section {
  const look = (): void => {
    if (fold.open) quietly(read());
  };
  const attributes = { class: 'cbi-section', toggle: look };
  const fold = el('details', attributes, el('summary', title), content) as HTMLDetailsElement;
  return [fold, look];
}

export function section(title: string, ...content: readonly Child[]): HTMLElement {
  return el('div', { class: 'cbi-section' }, el('h3', title), content);
}

/** Choices that are what they are called. */
export function options(values: string): HTMLElement[] {
  return values.split(' ').map((value) => el('option', value));
}

/** A field, and a button for what is in it, which Enter presses, too. */
export function inputFor(
  label: string,
  attributes: Record<string, unknown>,
  run: (text: string) => Promise<void>,
  make: typeof lookButton | typeof button = button
): [HTMLInputElement, HTMLElement | false] {
  const go = make(label, () => run(field.value.trim()));
  const keydown = ({ key }: KeyboardEvent): void => {
    if (key === 'Enter' && go) go.click();
  };
  const field = input({ keydown, ...attributes });
  return [field, go];
}

/** Without a word if it is not possible: that the agent is lost stands on top of the page. */
export function quietly(work: Promise<void>): void {
  work.catch(() => undefined);
}
