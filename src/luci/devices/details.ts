/** All about a device, and whether it answers. */

import type { Peer } from '../../shared/status.ts';
import { ask, button, copyable, el, redraw, when, type Child } from '../common.ts';
import { ping } from './ping.ts';
import type { Row } from './row.ts';
import { minute } from './words.ts';

/** `seen` gets what a ping has found out. */
export function details(id: string, seen: (peer: Peer) => void): Row {
  // Apart, because what can be pressed stays while the rest changes.
  const names = el('dl');
  const facts = el('dl');
  const answers = el('div');
  const test = (): Promise<void> =>
    ping(id, 'disco', answers, async () => {
      seen(await ask<Peer>('peer', { id }));
    });
  return {
    node: el('div', names, facts, button(_('Ping'), test, 'action', { 'data-key': `ping ${id}` }), answers),
    show(peer) {
      const { name, addresses, country, last_handshake, key_expiry } = peer;
      redraw(names, [name, addresses], () =>
        list([
          [_('Full name'), name && copyable(name)],
          [_('Addresses'), addresses.map((address) => el('div', copyable(address)))]
        ])
      );
      redraw(facts, [peer, minute()], () =>
        list([
          [_('Owner'), peer.owner],
          [_('Tags'), peer.tags.join(', ')],
          [_('System'), peer.os],
          [_('Routes'), peer.routes.join(', ')],
          [_('Place'), country && [peer.city, country].join(' ')],
          [_('Last handshake'), last_handshake && when(last_handshake)],
          [_('Key expires'), key_expiry ? when(key_expiry) : _('never')]
        ])
      );
    }
  };
}

/** Without those that nothing is known of. */
function list(facts: readonly (readonly [title: string, value: Child])[]): Child {
  return facts.map(([title, value]) => value && [el('dt', title), el('dd', value)]);
}
