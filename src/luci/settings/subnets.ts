/** The router's own subnets: what it can offer to the tailnet. */

import { callUbus, say, type Child } from '../common.ts';

/** With what it is: on which interface. */
export type Subnet = readonly [prefix: string, name: Child];

/** As netifd tells them; none if it does not. Not those on the way to the Internet, nor single addresses. */
export async function ownSubnets(): Promise<Subnet[]> {
  const dump = await callUbus<Dump>('network.interface', 'dump').catch(() => ({ interface: [] }));
  const found = dump.interface.flatMap(({ interface: name, route = [], ...lists }: Interface) =>
    route.some(({ mask }) => !mask)
      ? []
      : [...(lists['ipv4-address'] ?? []), ...(lists['ipv6-prefix-assignment'] ?? [])]
          .map(({ address, mask }) => [networkOf(address, mask), name] as const)
          .filter(([prefix]) => !/^127|\/32$/.test(prefix))
  );
  // Each once, and called an own one if it is.
  return [...new Map([...found, ...found.flatMap(widened), ...found])];
}

/**
 * By one bit: other systems than Linux take the narrower one of two networks, and computers in there have the own one.
 * Within what is private.
 */
function widened([prefix, name]: Subnet): Subnet[] {
  const [address = '', mask = 0] = prefix.split('/');
  const wider = +mask - 1;
  if (address.includes(':') || wider < 16) return [];
  const why = _('instead, if devices in %s accept routes: their own, narrower one goes first');
  return [[networkOf(address, wider), say(why, name)]];
}

interface Dump {
  interface: Interface[];
}

interface Interface {
  interface: string;
  route?: { mask: number }[];
  'ipv4-address'?: Address[];
  'ipv6-prefix-assignment'?: Address[];
}

interface Address {
  address: string;
  mask: number;
}

/** 192.168.1.0/24 of 192.168.1.1 and 24; of IPv6 it is the prefix already. */
function networkOf(address: string, mask: number): string {
  const bytes = address.split('.').map((byte, i) => +byte & (-1 << Math.max(0, 8 * i + 8 - mask)));
  return `${address.includes(':') ? address : bytes.join('.')}/${mask}`;
}
