import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { repository } from '../../build/package.ts';

/** What is offered to somebody who may only look, and what is refused. */

/** Everything on the page that is behind something: opened, unless it is already. */
export async function unfold(page: Page, content: string): Promise<void> {
  const closed = 'details:not([open]) > summary:visible, [aria-expanded=false]:visible';
  const next = page.locator(content).locator(closed).first();
  while ((await next.count()) > 0) await next.click();
}

/** What can be pressed or filled in there, by what it is called. */
export async function controls(page: Page, content: string): Promise<string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll(${JSON.stringify(content)})]
      .flatMap((part) => [part, ...part.querySelectorAll('*')])
      .filter((one) => one.matches('button, input, select, textarea, [role=button], [contenteditable], a.btn'))
      .filter((one) => !one.disabled && !one.readOnly && one.type !== 'hidden' && one.checkVisibility())
      .map((one) => [
        one.getAttribute('aria-label') ?? '', one.labels?.[0]?.innerText ?? '', one.title, one.placeholder ?? '',
        one.matches('select') ? '' : one.innerText, one.hasAttribute('aria-expanded') ? '(opens)' : ''
      ].filter(Boolean).join(' ').trim())
  `);
}

/** What such a control may be: it changes what is shown, and nothing else. */
export const looksOnly = /^(Copy .*|Search …|Which|Which way|Address|Order|Filter …|Pause|.*\(opens\)|▾)$/;

/** Methods by object, as the package's access list has them. */
export function accessList(): Record<'read' | 'write', Record<string, string[]>> {
  const file = new URL('files/usr/share/rpcd/acl.d/luci-app-tailscale-ram.json', repository);
  const groups = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Group>;
  const group = Object.values(groups)[0];
  return { read: group?.read?.ubus ?? {}, write: group?.write?.ubus ?? {} };
}

interface Group {
  read?: { ubus?: Record<string, string[]> };
  write?: { ubus?: Record<string, string[]> };
}

export interface Reply {
  error?: { code: number };
  result?: [status: number, reply?: unknown];
}

/** Calls a method of the router's as the page that is open does, with its session. */
export async function callByHand(page: Page, object: string, method: string, args: object): Promise<Reply> {
  return page.evaluate<Reply>(`
    fetch(L.env.ubuspath || '/ubus/', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'call',
        params: [L.env.sessionid, ...${JSON.stringify([object, method, args])}]
      })
    }).then((response) => response.json())
  `);
}
