/** The router's own subnets: what it can offer to the tailnet. */

import { callUbus } from '../common.ts';

/** On which interface it is. */
export type Subnet = readonly [prefix: string, name: string];

/** As netifd tells them; none if it does not. Not those on the way to the Internet, nor single addresses. */
export async function ownSubnets(): Promise<Subnet[]> {
  const dump = await callUbus<Dump>('network.interface', 'dump').catch(() => ({ interface: [] }));
  const found = dump.interface.flatMap(({ interface: name, route = [], ...lists }: Interface) =>
    route.some(({ mask }) => !mask)
      ? []
      : [...(lists['ipv4-address'] ?? []), ...(lists['ipv6-prefix-assignment'] ?? [])]
          .map(({ address, mask }) => [`${networkOf(address, mask)}/${mask}`, name] as const)
          .filter(([prefix]) => !/^127|\/32$/.test(prefix))
  );
  return [...new Map(found)];
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

/** 192.168.1.0 of 192.168.1.1 and 24; of IPv6 it is the prefix already. */
function networkOf(address: string, mask: number): string {
  if (address.includes(':')) return address;
  const bytes = address.split('.').map((byte, i) => +byte & (-1 << Math.max(0, 8 * i + 8 - mask)));
  return bytes.join('.');
}
