import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A page of LuCI's, as the package's menu and the overview have it. */
export interface MenuPage {
  /** Below `/cgi-bin/luci/`, in the preview as on a router. */
  path: string;
  title: string;
  /** A module below `view`, or the overview with these modules. */
  view: string | { includes: string[] };
}

/** The pages in their order, and the overview after them. `tree` is what the package installs. */
export async function readMenu(tree: string): Promise<MenuPage[]> {
  const text = await readFile(join(tree, 'usr/share/luci/menu.d/luci-app-tailscale-ram.json'), 'utf8');
  const entries = Object.entries(JSON.parse(text) as Record<string, Entry>);
  const pages = entries
    .filter(([, { action }]) => action?.type === 'view')
    .sort(([, a], [, b]) => (a.order ?? 1000) - (b.order ?? 1000))
    .map(([path, { title, action }]) => ({
      path,
      title,
      view: (action?.path ?? '').replaceAll('/', '.')
    }));
  const includes = (await readdir(join(tree, 'www/luci-static/resources/view/status/include')))
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => `view.status.include.${name.slice(0, -'.js'.length)}`);
  return [...pages, { path: 'admin/status/overview', title: 'Overview', view: { includes } }];
}

interface Entry {
  title: string;
  order?: number;
  action?: { type: string; path?: string };
}
