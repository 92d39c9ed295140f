/** The devices that match, as many of them as have been scrolled to. */

import type { Peer } from '../../shared/status.ts';
import { el, input, number, redraw, say, select } from '../common.ts';
import { deviceRow, type Row } from './row.ts';
import { keyExpiresIn, SOON } from './words.ts';

const STEP = 60;

export interface DeviceList {
  node: HTMLElement;
  /** What has come of so many, in the order of their names. */
  show: (peers: Peer[], total: number) => void;
}

export function deviceList(): DeviceList {
  const filters: Choice<(peer: Peer) => unknown>[] = [
    [_('All devices'), () => true],
    [_('Online'), (peer) => peer.online],
    [_('Offline'), (peer) => !peer.online],
    [_('Exit nodes'), (peer) => peer.exit_node_option],
    [_('With routes'), (peer) => peer.routes[0]],
    [_('Key expires soon'), (peer) => keyExpiresIn(peer) < SOON]
  ];
  // What is most comes first.
  const orders: Choice<(peer: Peer) => number>[] = [
    [_('By name'), () => 0],
    [_('Last seen'), (peer) => (peer.online ? Infinity : (peer.last_seen ?? 0))],
    [_('Most received'), (peer) => peer.received],
    [_('Most sent'), (peer) => peer.sent]
  ];
  const rows = new Map<string, Row>();
  let known: Peer[] | undefined;
  let total = 0;
  let shown: number;

  const draw = (): void => {
    if (!known) return;
    const wanted = search.value.trim().toLowerCase();
    const found = known.filter((peer) => filter()(peer) && (!wanted || textOf(peer).includes(wanted)));
    const rank = order();
    // By name they are already.
    found.sort((a, b) => rank(b) - rank(a) || 0);
    const peers = found.slice(0, shown);
    redraw(
      items,
      peers.map(({ id }) => id),
      () => peers.map((peer) => rowOf(peer).node)
    );
    // What is far out of sight can wait; where something is, is asked before anything is drawn.
    const isNear = (peer: Peer): boolean => Math.abs(rowOf(peer).node.getBoundingClientRect().top) < 2000;
    for (const peer of peers.filter(isNear)) rowOf(peer).show(peer);
    redraw(count, [found.length, total], () => {
      if (!found[0]) return total ? _('No device matches.') : _('There is no other device yet.');
      return say(_('%s of %s devices'), number(found.length), number(total));
    });
    more.disconnect();
    if (peers.length < found.length) more.observe(end);
  };
  const rowOf = (peer: Peer): Row => {
    let row = rows.get(peer.id);
    if (!row) {
      rows.set(peer.id, (row = deviceRow(peer.id)));
      row.show(peer);
    }
    return row;
  };
  const again = (): void => {
    shown = STEP;
    draw();
  };

  const search = input({ type: 'search', placeholder: _('Search …'), input: again });
  const [filterSelect, filter] = choice(_('Which'), filters, again);
  const [orderSelect, order] = choice(_('Order'), orders, again);
  const count = el('span', { role: 'status' }, '…');
  const items = el('ul', { class: 'tsr' });
  const end = el('p');
  const more = new IntersectionObserver(
    ([entry]) => {
      if (!entry?.isIntersecting) return;
      shown += STEP;
      draw();
    },
    { rootMargin: '600px' }
  );
  again();
  return {
    node: el('div', search, ' ', filterSelect, ' ', orderSelect, ' ', count, items, end),
    show: (peers, all) => {
      known = peers;
      total = all;
      draw();
    }
  };
}

type Choice<T> = [label: string, value: T];

/** A field to choose one, and what has been chosen. */
function choice<T>(label: string, choices: Choice<T>[], change: () => void): [HTMLElement, () => T] {
  const field = select(
    { 'aria-label': label, change },
    choices.map(([text]) => el('option', text))
  );
  return [field, () => (choices[field.selectedIndex] as Choice<T>)[1]];
}

/** What can be searched for: all but the ID and numbers. */
function textOf(peer: Peer): string {
  return Object.values(peer)
    .filter((value, i) => i && typeof value !== 'number')
    .join(' ')
    .toLowerCase();
}
