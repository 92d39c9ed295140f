import type { OpenWrt } from '../../dev/router/router.ts';
import type { Ground } from './support/each-site.ts';
import { LuciSite } from './support/luci-site.ts';

/** What files do that are about LuCI alone, and say so in their name. */

export const service = '/etc/init.d/tailscale-ram';

/** The site of such a file. */
export function luciSite({ site }: Ground): LuciSite {
  if (!(site instanceof LuciSite)) throw new Error('this needs a router');
  return site;
}

/** Tailscale ends, and nothing of it is left in RAM. */
export async function emptyRam(router: OpenWrt): Promise<void> {
  await router.succeed([service, 'stop']);
  await router.until('tailscaled and the agent have ended', 20, '! pidof tailscaled && ! pidof ucode');
  await router.succeed(['rm', '-rf', '/tmp/tailscale-ram', '/tmp/run/tailscale-ram']);
}
