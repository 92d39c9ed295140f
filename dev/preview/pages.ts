import { readFileSync } from 'node:fs';
import { repository } from '../../build/package.ts';

/** The package's pages; `overview` is LuCI's own, with our card on it. */
export const pageNames = ['status', 'devices', 'settings', 'diagnostics', 'overview'] as const;
export type PageName = (typeof pageNames)[number];

/** Where LuCI's menu has a page, as a path of the router's web server, and of the preview's. */
export function pageUrl(page: PageName): string {
  if (page === 'overview') return '/cgi-bin/luci/admin/status/overview';
  const file = new URL('files/usr/share/luci/menu.d/luci-app-tailscale-ram.json', repository);
  const menu = JSON.parse(readFileSync(file, 'utf8')) as object;
  const found = Object.keys(menu).find((path) => path.endsWith(`/${page}`));
  if (found === undefined) throw new Error(`LuCI's menu has no page ${page}`);
  return `/cgi-bin/luci/${found}`;
}
