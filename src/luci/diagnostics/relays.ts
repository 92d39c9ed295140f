/** The relays, by how far they are. */

import { button, el, fill, folded, milliseconds, work, type Child } from '../common.ts';

/** What `derp` answers. */
export interface Relays {
  home: string | null;
  regions: { id: number; code: string; name: string }[];
}

/** What `derp_test` tells, in tailscaled's words. */
type Findings = Record<'errors' | 'warnings' | 'info', string[]>;

/** Those of the shortest way first; `latency` is in nanoseconds, by region. */
export function relayRows({ home, regions }: Relays, latency: Record<number, number>): Child {
  const longest = Math.max(...Object.values(latency));
  const way = ({ id }: { id: number }): number => latency[id] ?? Infinity;
  const rows = regions
    .sort((a, b) => way(a) - way(b) || 0)
    .map(({ id, code, name }) => {
      const time = latency[id];
      const findings = el('div', { role: 'status', style: 'flex:100%' });
      const test = async (): Promise<void> => {
        const { errors, warnings, info } = await work<Findings>('derp_test', { region: id });
        fill(findings, marked('✗', errors), marked('⚠', warnings), marked('✓', info));
      };
      return el(
        'div',
        { style: 'display:flex;flex-wrap:wrap;gap:0 1em;align-items:end' },
        el(
          'span',
          { style: 'flex:9em' },
          `${name} (${code}) · ${time ? milliseconds(time / 1e6) : '…'} `,
          code === home && el('b', _('home'))
        ),
        el(
          'div',
          { class: 'cbi-progressbar', style: 'flex:4em 2;min-width:0' },
          el('div', { style: `width:${((time ?? 0) / longest) * 100}%` })
        ),
        button(_('Test'), test, 'action', { title: name }),
        findings
      );
    });
  return [rows.splice(0, 6), folded(_('More relays'), rows)];
}

function marked(mark: string, lines: readonly string[]): Node[] {
  return lines.map((line) => el('div', mark, ' ', el('bdi', line)));
}
