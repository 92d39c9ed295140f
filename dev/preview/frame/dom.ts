/**
 * Elements as LuCI makes them, with all that can go wrong there: a text that is not in an array is HTML, an element
 * in the place of the attributes is ignored, and a null in an array is the text `null`.
 */

export type Attributes = Record<string, unknown>;

/** `create(tag, attributes, children)`, or without the attributes; a tag that begins with `<` is HTML. */
export function create(what: unknown, second?: unknown, third?: unknown): Node | null {
  const hasAttributes = second instanceof Object && !Array.isArray(second);
  const node = elementOf(what);
  if (node === null) return null;
  if (hasAttributes) attr(node, second as Attributes);
  append(node, hasAttributes ? third : second);
  return node;
}

/** Returns the last child that there is afterwards. */
export function append(node: Node, children: unknown): Node | null {
  if (!isNode(node)) return null;
  if (typeof children === 'function') return append(node, (children as (node: Node) => unknown)(node));
  if (Array.isArray(children)) {
    for (const child of children) node.appendChild(isNode(child) ? child : new Text(text(child)));
    return node.lastChild;
  }
  if (isNode(children)) return node.appendChild(children);
  if (children === null || children === undefined) return null;
  // Here a page that hands on what somebody else has written lets them write the page.
  (node as Element).innerHTML = text(children);
  return node.lastChild;
}

/** The same in the place of what was there. */
export function content(node: Node, children?: unknown): Node | null {
  if (!isNode(node)) return null;
  while (node.firstChild) node.removeChild(node.firstChild);
  return append(node, children);
}

/** A function listens to the event of that name, an object becomes JSON, and what is missing is left out. */
export function attr(node: Node, names: Attributes | string, value?: unknown): void {
  if (!isNode(node)) return;
  for (const [name, each] of Object.entries(typeof names === 'string' ? { [names]: value } : names)) {
    if (each === null || each === undefined) continue;
    if (typeof each === 'function') node.addEventListener(name, each as EventListener);
    else (node as Element).setAttribute(name, typeof each === 'object' ? JSON.stringify(each) : text(each));
  }
}

export function parse(html: string): Node | null {
  return new DOMParser().parseFromString(html, 'text/html').body.firstChild;
}

export function parent(node: unknown, selector: string): Element | null {
  return node instanceof Element ? node.closest(selector) : null;
}

export function matches(node: unknown, selector: string): boolean {
  return node instanceof Element && node.matches(selector);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'nodeType' in value;
}

/** The module, as pages get it. */
export const dom = { elem: isNode, create, append, content, attr, parse, parent, matches };

function elementOf(what: unknown): Node | null {
  if (isNode(what)) return what;
  if (Array.isArray(what)) {
    const fragment = document.createDocumentFragment();
    for (const each of what) fragment.appendChild(create(each) ?? new Text());
    return fragment;
  }
  const name = text(what);
  return name.startsWith('<') ? parse(name) : document.createElement(name);
}

/** Whatever that says of it. */
function text(value: unknown): string {
  return String(value);
}
