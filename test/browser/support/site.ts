import type { BrowserContext } from 'playwright-core';
import type { PageName } from '../../../dev/preview/pages.ts';
import type { Headscale } from '../../../dev/tailnet/headscale.ts';
import type { TailnetNode } from '../../../dev/tailnet/node.ts';
import { waitFor as until } from '../../../dev/tailnet/wait.ts';

export { pageNames, type PageName } from '../../../dev/preview/pages.ts';

/**
 * Where the pages are: in a preview, or in LuCI on a router. Behind both there is a real agent with a real
 * tailscaled, logged out at first, and a tailnet with one other device, `laptop`.
 */
export interface Site {
  readonly kind: 'preview' | 'luci';
  /** `preview`, or such as `OpenWrt 25.12`. */
  readonly name: string;
  /** What every address of its begins with, without a slash at its end. */
  readonly origin: string;
  url(page: PageName, readonly?: boolean): string;
  /** Whether that, on the console, is of LuCI's own pages. */
  isOwnProblem(text: string): boolean;
  /** A selector of what is there once the page has drawn itself: all of ours, nothing of LuCI's. */
  content(page: PageName): string;
  /** Logs in to LuCI: as root, or as one who may only look. */
  enter(context: BrowserContext, readonly: boolean): Promise<void>;
  /** Asks the agent, past the pages. Throws if ubus does. */
  ask(method: string, args?: object): Promise<Record<string, unknown>>;
  readonly headscale: Headscale;
  /** Whom headscale knows: its name there. */
  readonly userName: string;
  /** Reusable. */
  readonly authKey: string;
  readonly laptop: TailnetNode;
  /** What it logged last, for whoever looks why a test has failed. */
  tailOfLog(): Promise<string>;
  close(): Promise<void>;
}

/** Into the tailnet, by key; nothing if it is there already. */
export async function logIn(site: Site): Promise<void> {
  if ((await site.ask('status'))['state'] === 'Running') return;
  const { job } = await site.ask('login', { login_server: site.headscale.url, auth_key: site.authKey });
  const ended = await untilEnded(site, job);
  if (ended['state'] !== 'done') throw new Error(`the login: ${JSON.stringify(ended)}`);
  await until('it is in the tailnet', 20, async () => (await site.ask('status'))['state'] === 'Running');
}

/** Waits for a job of the agent's, and returns what it says then. */
export async function untilEnded(site: Site, id: unknown, seconds = 30): Promise<Record<string, unknown>> {
  return until(`job ${String(id)} ends`, seconds, async () => {
    const job = await site.ask('job', { id });
    return job['state'] !== 'running' && job;
  });
}
