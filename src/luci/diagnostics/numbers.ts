import { ask, bytes, el, number, redraw, say, type Section } from '../common.ts';
import { live } from './parts.ts';

interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** tailscaled's counters. */
export function numbersSection(): Section {
  const table = el('table', { class: 'table' });
  const read = async (): Promise<void> => {
    const { metrics, rates } = await ask<{ metrics: Sample[]; rates: Sample[] }>('metrics');
    const gained = new Map(rates.map((rate) => [key(rate), rate.value]));
    redraw(table, [metrics, rates], () =>
      metrics.map((sample) => {
        const amount = sample.name.includes('_bytes') ? bytes : number;
        const rate = gained.get(key(sample));
        const cells = [
          words(sample),
          amount(sample.value),
          rate !== undefined && say(_('%s a second'), amount(rate))
        ];
        return el(
          'tr',
          { class: 'tr' },
          cells.map((text) => el('td', { class: 'td' }, text))
        );
      })
    );
  };
  return live(_('Numbers'), read, table);
}

function key({ name, labels }: Sample): string {
  return name + JSON.stringify(labels);
}

/** What has no words here is called as tailscaled calls it. */
function words({ name, labels }: Sample): string {
  const known: Record<string, string> = {
    inbound_bytes: _('Received'),
    outbound_bytes: _('Sent'),
    inbound_packets: _('Packets received'),
    outbound_packets: _('Packets sent'),
    inbound_dropped_packets: _('Packets received, but dropped'),
    outbound_dropped_packets: _('Packets dropped instead of sent'),
    derp: _('relayed'),
    acl: _('not allowed')
  };
  return [name, ...Object.values(labels)]
    .map((text) => {
      const short = text.replace(/^tailscaled_|_total$/g, '');
      return known[short] ?? short.replace(/_/g, ' ');
    })
    .join(' · ');
}
