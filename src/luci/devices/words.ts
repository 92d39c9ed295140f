/** What is said of a device. */

import type { Peer } from '../../shared/status.ts';
import { say, type Child } from '../common.ts';

export function shortName({
  name,
  host_name,
  id
}: Pick<Peer, 'name' | 'host_name'> & { id?: string }): string {
  return name.split('.')[0] || host_name || (id ?? '');
}

/** How packets get there; nothing if that is not known. */
export function pathWords(path: Peer['path'], via: string | null): Child {
  const words = {
    direct: _('direct %s'),
    relay: _('relayed by %s'),
    'peer-relay': _('through peer relay %s'),
    none: ''
  };
  return say(words[path], via);
}

/** Seconds: not positive if it has expired, Infinity if it never does. */
export function keyExpiresIn({ key_expiry, expired }: Peer): number {
  return expired ? 0 : (key_expiry ?? Infinity) - Date.now() / 1000;
}

export const SOON = 1_209_600;

/** What is said of times is said anew each minute. */
export function minute(): number {
  return Math.floor(Date.now() / 60_000);
}
