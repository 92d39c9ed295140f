import type { Environment } from './environment.ts';
import type { MenuPage } from './menu.ts';

/** What the paths of LuCI's pages begin with. */
export const scriptName = '/cgi-bin/luci';

/** The HTML around a page. `session` is the login's; `note` is what to know about this preview. */
export function renderPage(
  page: MenuPage,
  pages: readonly MenuPage[],
  { session, readonly, note }: { session: string; readonly: boolean; note: string }
): string {
  const environment: Environment = {
    sessionid: session,
    ubuspath: '/ubus/',
    scriptname: scriptName,
    resource: '/luci-static/resources',
    requestpath: page.path.split('/'),
    dispatchpath: page.path.split('/'),
    view: page.view,
    pollinterval: 5,
    nodespec: { satisfied: true, readonly, title: page.title }
  };
  const query = readonly ? '?readonly' : '';
  const tabs = pages.map(({ path, title }) => {
    const active = path === page.path ? ' class="active" aria-current="page"' : '';
    return `<li${active}><a href="${escape(`${scriptName}/${path}${query}`)}">${escape(title)}</a></li>`;
  });
  const other = readonly
    ? ['?', 'look as who may change things']
    : ['?readonly', 'look as who may only look'];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escape(page.title)} | tailscale-ram</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header><a class="brand" href="/${query}">tailscale-ram</a><div id="indicators"></div></header>
<p class="preview-note">Preview without LuCI: ${escape(note)} · <a href="${other[0] ?? ''}">${other[1] ?? ''}</a></p>
<main id="maincontent" class="container">
<nav id="tabmenu" aria-label="Pages"><ul class="tabs">${tabs.join('')}</ul></nav>
<div id="view"><div class="spinning">Loading view…</div></div>
</main>
<script type="application/json" id="environment">${JSON.stringify(environment).replaceAll('<', '\\u003c')}</script>
<script src="/frame.js"></script>
</body>
</html>
`;
}

/** As much as a router would: nothing from elsewhere. What LuCI lets happen inside a page happens here, too. */
export const pagePolicy =
  "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

function escape(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
