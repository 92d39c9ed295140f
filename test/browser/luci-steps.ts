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
