import { el, redraw, type Child } from '../common.ts';
import type { Status } from '../../shared/status.ts';

/** A part of the page, and what draws it again. */
export interface Section {
  node: HTMLElement;
  show: (status: Status) => void;
}

/** What it is drawn of, and how; null: it is not there. */
type Drawing = [data: unknown, draw: () => readonly (Child | readonly Child[])[]] | null;

/** A part that is drawn again when what it is drawn of has changed. */
export function section(drawing: (status: Status) => Drawing): Section {
  const node = el('div', { class: 'cbi-section', hidden: '' });
  return {
    node,
    show: (status) => {
      const [data, draw] = drawing(status) ?? [null, () => []];
      node.hidden = data === null;
      redraw(node, data, draw);
    }
  };
}
