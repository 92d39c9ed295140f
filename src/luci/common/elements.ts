/** What a page is made of: elements and texts. No string ever becomes HTML. */

export type Child = Node | string | number | null | undefined | false | readonly Child[];

/** A sentence with what stands in it. */
export type Text = Child[];

type Attributes = Record<string, unknown>;

/**
 * An element with attributes, if it has any, and children: a text is a text, whatever is in it, and what is null,
 * false, 0 or empty is left out.
 */
export function el(
  tag: keyof HTMLElementTagNameMap | SVGElement,
  first?: Attributes | Child,
  ...children: readonly Child[]
): HTMLElement {
  return (first as object | undefined)?.constructor === Object
    ? E<HTMLElement>(tag, first as Attributes, nodes(children))
    : E<HTMLElement>(tag, {}, nodes([first as Child, children]));
}

/** An element of SVG, for `el`. */
export function svg(tag: 'polyline' | 'svg'): SVGElement {
  return document.createElementNS('http://www.w3.org/2000/svg', tag);
}

/**
 * `template` with what stands for each `%s` in it (`%2$s`: for the second of them). The words around it read as
 * they should, whichever way the others' do.
 */
export function say(template: string, ...values: readonly Child[]): Text {
  let next = 0;
  // At the odd places are those of the values.
  return template.split(/%(?:(\d)\$)?s/).map((part, i) => {
    return i % 2 ? el('bdi', values[part ? +part - 1 : next++]) : part;
  });
}

/**
 * Draws the content of `parent` again if `data` is not what it was drawn of. What has the focus keeps it: an
 * element inside with the same `data-key`. Without them, it is empty.
 */
export function redraw(parent: Drawn, data: unknown = null, draw?: () => Child): void {
  const key = JSON.stringify(data);
  if (parent.drawn === key) return;
  parent.drawn = key;
  const active = document.activeElement as HTMLElement | null;
  const focused = parent.contains(active) && active?.dataset['key'];
  fill(parent, draw?.());
  if (focused)
    parent
      .querySelector<HTMLElement>(`[data-key=${JSON.stringify(focused)}]`)
      ?.focus({ preventScroll: true });
}

/** With what it was drawn of. */
type Drawn = HTMLElement & { drawn?: string };

/** Whatever was in it goes. */
export function fill(parent: HTMLElement, ...children: readonly Child[]): void {
  parent.replaceChildren(...nodes(children));
}

function nodes(children: readonly Child[]): (Node | string)[] {
  return children.flat(Infinity as 9).filter(Boolean) as (Node | string)[];
}
