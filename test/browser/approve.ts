import * as assert from 'uvu/assert';
import type { Status } from '../../src/shared/status.ts';
import type { Site } from './support/site.ts';

/** What somebody does who manages the tailnet. */

/** The laptop offers to be an exit node, and may be one. */
export async function offerExitNode({ headscale, laptop }: Site): Promise<void> {
  await laptop.cli.succeed('set', '--advertise-exit-node');
  await headscale.approveRoutes(await numberOf(headscale, await laptop.cli.ip()), ['0.0.0.0/0', '::/0']);
}

/** These routes of the site's own node are approved, and it has heard of that. */
export async function approveOwn(site: Site, routes: readonly string[]): Promise<void> {
  const { self } = (await site.ask('status')) as unknown as Status;
  await site.headscale.approveRoutes(await numberOf(site.headscale, self?.addresses[0]), routes);
  // headscale tells a node of it only with the next change of the node's own.
  await site.ask('set', { preferences: { hostname: `approved-${routes.length}-${Date.now()}` } });
}

/** What headscale calls the node that has this address. */
export async function numberOf(headscale: Site['headscale'], address = ''): Promise<number> {
  const found = (await headscale.listNodes()).find((one) => one.ip_addresses.includes(address));
  assert.ok(found, address);
  return found.id;
}
