/** Expressions that look at what a page shows below the elements of a selector. */

/** One line for each element: what it is below, its tag, and the names of its attributes; for a link, where to. */
export function structure(content: string): string {
  return `${all(content)}.map((one) => {
    const names = one.getAttributeNames().sort().join(' ');
    const scheme = one.tagName === 'A' ? one.protocol : '';
    return [one.parentElement.tagName, one.tagName, names, scheme].join(' > ');
  })`;
}

/** Of each text whether it is there as it is: as text, in a field, or as an attribute. */
export function shown(content: string, texts: readonly string[]): string {
  // A field for one line has none of the breaks; tailscaled's names are shown with spaces.
  return `(() => {
    const plain = (text) => text.replace(/[\\s_]+/g, '').toWellFormed();
    const parts = ${all(content)}.flatMap((one) => [
      one.value ?? '',
      ...one.getAttributeNames().map((name) => one.getAttribute(name)),
      ...[...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data)
    ]);
    const page = plain(parts.join('\\ufffc'));
    return ${JSON.stringify(texts)}.map((text) => page.includes(plain(text)));
  })()`;
}

/** What can be seen, and reaches over the sides of the window. */
export function outside(content: string): string {
  return `(() => {
    const clipped = (one) => one.closest('pre, textarea, select') !== null || getComputedStyle(one).overflowX !== 'visible';
    const found = ${all(content)}.filter((one) => {
      const { left, right, width } = one.getBoundingClientRect();
      if (width === 0 || (left >= -1 && right <= innerWidth + 1)) return false;
      for (let each = one.parentElement; each !== document.body; each = each.parentElement)
        if (clipped(each)) return false;
      return true;
    });
    const { scrollWidth, clientWidth } = document.documentElement;
    return [
      ...(scrollWidth > clientWidth ? ['scrolls sideways: ' + scrollWidth + ' of ' + clientWidth] : []),
      ...found.map((one) => one.outerHTML.slice(0, 200))
    ].slice(0, 5);
  })()`;
}

/** Texts that turn the reading direction of others beside them. */
export function turned(content: string): string {
  return `(() => {
    const control = /[\\u202a-\\u202e\\u2066-\\u2069]/;
    const isApart = (one) => {
      const { display, unicodeBidi } = getComputedStyle(one);
      return unicodeBidi.includes('isolate') || unicodeBidi === 'plaintext' || !display.startsWith('inline');
    };
    return ${all(content)}
      .flatMap((one) => [...one.childNodes])
      .filter((node) => node.nodeType === 3 && control.test(node.data) && node.parentElement.checkVisibility())
      .filter((node) => {
        let one = node.parentElement;
        if (one.closest('pre, textarea, select, script')) return false;
        while (!isApart(one)) one = one.parentElement;
        return one.textContent.trim() !== node.data.trim();
      })
      .map((node) => node.parentElement.outerHTML.slice(0, 200))
      .slice(0, 5);
  })()`;
}

function all(content: string): string {
  return `[...document.querySelectorAll(${JSON.stringify(content)})].flatMap((one) => [one, ...one.querySelectorAll('*')])`;
}
