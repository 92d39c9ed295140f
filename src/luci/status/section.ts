import { el, redraw, type Child, type Section } from '../common.ts';
import type { Status } from '../../shared/status.ts';

/** What it is drawn of, and how; null: it is not there. */
type Drawing = [data: unknown, draw: () => Child] | null;

/** A part that is drawn again when what it is drawn of has changed. */
export function section(drawing: (status: Status) => Drawing): Section {
  const node = el('div', { class: 'cbi-section', hidden: '' });
  return [
    node,
    (status) => {
      const drawn = drawing(status);
      node.hidden = !drawn;
      redraw(node, ...(drawn ?? []));
    }
  ];
}
