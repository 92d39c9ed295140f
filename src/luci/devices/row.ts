/** A device: what it is and how it is reached, and more if it is opened. */

import type { Peer } from '../../shared/status.ts';
import { bytes, duration, el, redraw, say, when, type Child } from '../common.ts';
import { details } from './details.ts';
import { keyExpiresIn, minute, pathWords, shortName, SOON } from './words.ts';

export interface Row {
  node: HTMLElement;
  show: (peer: Peer) => void;
}

export function deviceRow(id: string): Row {
  let shown: Peer;
  let inside: Row | undefined;
  const opener = el('button', { 'aria-expanded': 'false', 'data-key': id });
  const cells = el('span');
  const show = (peer: Peer): void => {
    shown = peer;
    const { addresses, online, os } = peer;
    const name = shortName(peer);
    const word = online ? _('online') : _('offline');
    redraw(opener, [online, name, !!inside], () => [
      inside ? '▾ ' : '▸ ',
      el('span', { role: 'img', title: word }, online ? '●' : '○'),
      ' ',
      el('bdi', name)
    ]);
    redraw(cells, [peer, online || minute()], () =>
      [addresses[0], os, way(peer) || word, traffic(peer), badges(peer)].map((text) => el('span', text))
    );
    inside?.show(peer);
  };
  const toggle = (event: MouseEvent): void => {
    // Who marks an address does not want it opened.
    if (event.detail && String(getSelection())) return;
    inside?.node.remove();
    inside = inside ? undefined : details(id, show);
    if (inside) node.append(inside.node);
    opener.setAttribute('aria-expanded', String(!!inside));
    show(shown);
  };
  const node = el('li', el('p', { click: toggle }, opener, cells));
  return { node, show };
}

/** How it is reached, or was. */
function way({ online, path, via, last_seen }: Peer): Child {
  if (!online) return last_seen && say(_('last seen %s'), when(last_seen));
  return path !== 'none' && pathWords(path, via);
}

function traffic({ received, sent }: Peer): string {
  return received || sent ? `↓ ${bytes(received)} ↑ ${bytes(sent)}` : '';
}

function badges(peer: Peer): Child {
  const left = keyExpiresIn(peer);
  const texts = [
    peer.exit_node ? _('exit node in use') : peer.exit_node_option && _('exit node'),
    left <= 0 ? _('key expired') : left < SOON && say(_('key expires in %s'), duration(left))
  ];
  return texts.map((text) => text && [el('span', { class: 'ifacebadge' }, text), ' ']);
}
