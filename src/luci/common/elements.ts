/** What a page is made of: elements and texts. No string ever becomes HTML. */

export type Child = Node | string | number | null | undefined | false;

/** A sentence with what stands in it: shown by `el`, one child each. */
export type Text = (Node | string)[];

type Attributes = Record<string, unknown>;

/**
 * An element with attributes, if it has any, and children: a text is a text, whatever is in it, and what is null or
 * false is left out.
 */
export function el(
  tag: keyof HTMLElementTagNameMap,
  first: Attributes | Child | readonly Child[],
  ...children: (Child | readonly Child[])[]
): HTMLElement {
  if (isAttributes(first)) return E<HTMLElement>(tag, first, nodes(children));
  return E<HTMLElement>(tag, {}, nodes([first, ...children]));
}

function isAttributes(first: Attributes | Child | readonly Child[]): first is Attributes {
  return typeof first === 'object' && first !== null && !(first instanceof Node) && !Array.isArray(first);
}

/** The same within an SVG. */
export function svg(tag: string, attributes: Record<string, string | number>, ...children: Node[]): Element {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * `template` with what stands for each `%s` in it (`%2$s`: for the second of them). The words around it read as
 * they should, whichever way the others' do.
 */
export function say(template: string, ...values: readonly Child[]): Text {
  let next = 0;
  return template.split(/(%(?:\d\$)?s)/).flatMap((part): Text => {
    const place = /^%(?:(\d)\$)?s$/.exec(part);
    if (!place) return part === '' ? [] : [part];
    const value = values[place[1] === undefined ? next++ : Number(place[1]) - 1];
    return value instanceof Node ? [value] : [el('bdi', value)];
  });
}

/** The same, where no element can be: in an attribute. */
export function sayPlain(template: string, ...values: readonly Child[]): string {
  return el('p', say(template, ...values)).textContent;
}

const drawn = new WeakMap<Node, string>();

/**
 * Draws the content of `parent` again if `data` is not what it was drawn of. What has the focus keeps it: an
 * element inside with the same `data-key`.
 */
export function redraw(
  parent: HTMLElement,
  data: unknown,
  draw: () => readonly (Child | readonly Child[])[]
): void {
  const key = JSON.stringify(data);
  if (drawn.get(parent) === key) return;
  drawn.set(parent, key);
  const active = document.activeElement;
  const focused = active && parent.contains(active) ? active.getAttribute('data-key') : null;
  dom.content(parent, nodes(draw()));
  if (focused !== null)
    parent.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function nodes(children: readonly (Child | readonly Child[])[]): Text {
  return children.flat().flatMap((child) => {
    if (child === null || child === undefined || child === false) return [];
    return [typeof child === 'number' ? String(child) : child];
  });
}
