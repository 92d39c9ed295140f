import type { Peer } from '../shared/status.ts';
import { ask, el, explainFailure, follow, redraw, say, statusLink, type Child } from './common.ts';
import { deviceList } from './devices/list.ts';
import { css } from './devices/style.ts';

/** "Who is there, and how do I reach them?" */
export function devicesPage(): HTMLElement {
  const list = deviceList();
  const note = el('p');
  let inside: boolean | undefined;
  let failure: Child;
  let busy = false;
  let complete = false;

  const load = async (): Promise<void> => {
    const found = new Map<string, Peer>();
    busy = true;
    try {
      // A reply holds at most 500 devices, and fewer if they have much to tell.
      for (let offset = 0, more = true; more;) {
        const { peers, total } = await ask<{ peers: Peer[]; total: number }>('peers', {
          offset,
          limit: 500
        });
        for (const peer of peers) found.set(peer.id, peer);
        offset += peers.length;
        more = offset < total && peers.length > 0;
        // The first time, what has come is shown at once.
        if (!more || !complete) list.show([...found.values()], total);
      }
      complete = true;
      failure = null;
    } catch (error) {
      failure = explainFailure(error);
    }
    // Many are asked for less often: each takes the router some of its time.
    setTimeout(
      () => {
        busy = false;
      },
      4000 + 4 * found.size
    );
  };
  return follow(
    _('Devices'),
    ({ state }) => {
      // While it starts again, what was there stays.
      if (state !== 'Starting') inside = state === 'Running';
      const outside = inside === false;
      list.node.hidden = outside;
      redraw(note, [outside, failure], () =>
        outside ? say(_('This router is not in a tailnet now: see %s.'), statusLink(_('Status'))) : failure
      );
      if (inside && !busy) void load();
    },
    note,
    el('style', css),
    list.node
  );
}
