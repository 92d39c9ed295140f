import type { Peer } from '../../shared/status.ts';
import { ask, el, fill, redraw, row, select } from '../common.ts';
import { ping } from '../devices/ping.ts';
import { shortName } from '../devices/words.ts';
import { inputFor, options, quietly, section } from './parts.ts';

/** How one device answers. */
export function pathSection(): HTMLElement {
  const names = el('datalist', { id: 'tsr-names' });
  const answers = el('div');
  const type = select({}, options('disco TSMP ICMP peerapi'));
  const suggest = async (): Promise<void> => {
    const peers = await find('');
    redraw(names, peers, () => peers.map((peer) => el('option', { value: shortName(peer) })));
  };
  const [device, test] = inputFor(
    _('Ping'),
    {
      list: names.id,
      focus: () => {
        quietly(suggest());
      }
    },
    async (text) => {
      const peers = await find(text);
      const named =
        peers.find((peer) => shortName(peer) === text) ?? peers.find(({ online }) => online) ?? peers[0];
      if (named && text) await ping(named.id, type.value, answers);
      else fill(answers, _('No device matches.'));
    }
  );
  return section(
    _('Path to a device'),
    row(_('Device'), [device, names]),
    row(_('Way'), type, _('disco finds the path; the others use it.')),
    test,
    answers
  );
}

async function find(search: string): Promise<Peer[]> {
  return (await ask<{ peers: Peer[] }>('peers', { search, limit: 500 })).peers;
}
