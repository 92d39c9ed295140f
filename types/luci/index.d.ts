/** What LuCI has and `@kuoruan/luci-types` does not know. */

/** The module with all the pages, as `view.ts` calls it. */
declare const tailscale: { page: typeof import('../../src/luci/pages.ts').page };

/** A text in the language of the page; `context` tells apart what is the same in English alone. */
declare function _(text: string, context: string): string;

interface Window {
  /** The language of the page, such as `zh-cn`, is on its root element; LuCI's catalogue here. */
  TR?: Record<string, string>;
}
