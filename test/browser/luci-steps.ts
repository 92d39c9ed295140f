import type { Locator, Page } from 'playwright-core';
import { daemonPids } from '../../dev/router/desk.ts';
import { agentPid } from '../router/agent-calls.ts';
import { LuciSite } from './support/luci-site.ts';
import type { Site } from './support/site.ts';

/** What is done on the router while somebody looks at a page. */

/** Throws on the preview, which has no router. */
export function luciOf(site: Site): LuciSite {
  if (!(site instanceof LuciSite)) throw new Error('this takes a router');
  return site;
}

export const service = '/etc/init.d/tailscale-ram';

/** Tailscale and its agent end; of what was fetched, and of what the bootstrap has learned of it, nothing is left. */
export async function stopAll({ router }: LuciSite): Promise<void> {
  await router.succeed([service, 'stop']);
  await router.until('both have ended', 10, async () => {
    return (await daemonPids(router)) === '' && (await agentPid(router)) === '';
  });
  const learned = ['starts', 'set-aside', 'vain'].map((name) => `/var/run/tailscale-ram/${name}`);
  await router.succeed(['rm', '-rf', '/tmp/tailscale-ram', ...learned]);
}

/** It begins as after a boot. */
export async function fetchAnew({ router }: LuciSite): Promise<void> {
  await router.succeed([service, 'start']);
}

/** What is said of a problem, with what mends it. */
export function problemBox(page: Page, code: string): Locator {
  return page.locator(`[data-problem=${code}]`);
}

/** Waits until it is there, and shows it whatever is worse. */
export async function unfolded(page: Page, box: Locator): Promise<void> {
  await box.waitFor({ state: 'attached' });
  await page.evaluate('for (const each of document.querySelectorAll("#view details")) each.open = true');
  await box.waitFor();
}
