/** What LuCI has and `@kuoruan/luci-types` does not know. */

/** The shared module, as LuCI loads it for each page: `'require tailscale-ram.common as common'`. */
declare const common: typeof import('../../src/luci/common.ts');

/** A text in the language of the page; `context` tells apart what is the same in English alone. */
declare function _(text: string, context: string): string;

interface Window {
  /** The language of the page, such as `zh-cn`, is on its root element; LuCI's catalogue here. */
  TR?: Record<string, string>;
}
