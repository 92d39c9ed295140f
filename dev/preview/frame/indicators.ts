import { create } from './dom.ts';

/** A small word in the head of the page; returns whether something changed. `handler` counts for a new one alone. */
export function showIndicator(id: string, label: string, handler?: unknown, style?: string): boolean {
  const all = document.querySelector('#indicators');
  if (!all) return false;
  let one = find(id);
  if (!one) {
    const isClickable = typeof handler === 'function';
    const attributes = { 'data-indicator': id, 'data-clickable': isClickable || null, click: handler };
    one = create('span', attributes, ['']) as HTMLElement;
    const after = [...all.children].find((each) => (each.getAttribute('data-indicator') ?? '') > id);
    all.insertBefore(one, after ?? null);
  }
  const wanted = style === 'inactive' ? 'inactive' : 'active';
  if (one.textContent === label && one.getAttribute('data-style') === wanted) return false;
  one.textContent = label;
  one.setAttribute('data-style', wanted);
  return true;
}

export function hideIndicator(id: string): boolean {
  const one = find(id);
  one?.remove();
  return one !== null;
}

function find(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`#indicators [data-indicator="${CSS.escape(id)}"]`);
}
