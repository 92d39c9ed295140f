import { ask, button, el, milliseconds, say, work } from '../common.ts';
import type { Text } from '../devices/words.ts';
import { section } from './parts.ts';
import { relayRows, type Relays } from './relays.ts';

/** Of tailscale's netcheck.Report, what is told. What was not found out is null, or missing. */
interface Report {
  UDP?: boolean;
  IPv4?: boolean;
  IPv6?: boolean;
  MappingVariesByDestIP?: boolean | null;
  UPnP?: boolean | null;
  PMP?: boolean | null;
  PCP?: boolean | null;
  GlobalV4?: string;
  GlobalV6?: string;
  PreferredDERP?: number;
  /** Nanoseconds. */
  RegionLatency?: Record<number, number> | null;
  CaptivePortal?: boolean | null;
}

/** Without a report, what Tailscale itself knows. */
interface Netcheck {
  report?: Report;
  relay?: string | null;
  warnings?: string[];
}

/** What the Internet lets through, and how far the relays are. */
export function networkSection(): HTMLElement {
  const sentences = el('div', { role: 'status' });
  const relays = el('div', {});
  const measure = async (): Promise<void> => {
    const [found, known] = await Promise.all([work<Netcheck>('netcheck'), ask<Relays>('derp')]);
    sentences.replaceChildren(...explain(found, known).map((sentence) => el('div', sentence)));
    relays.replaceChildren(...relayRows(known, found.report?.RegionLatency ?? {}));
  };
  return section(_('Network'), button(_('Measure'), measure), sentences, relays);
}

function explain(
  { report, relay, warnings = [] }: Netcheck,
  { regions }: Relays
): (Text | string | false | null | undefined)[] {
  const nearestIs = (name?: string | null): Text => say(_('Nearest relay: %s'), name || none);
  const none = _('none');
  if (!report)
    return [
      _('There is no memory for the tool that measures. What is known:'),
      nearestIs(relay),
      ...warnings
    ];
  const { UPnP, PMP, PCP, MappingVariesByDestIP: varies, PreferredDERP: nearest = 0, RegionLatency } = report;
  const ports = [UPnP && 'UPnP', PMP && 'NAT-PMP', PCP && 'PCP'].filter(Boolean).join(', ');
  const name = regions.find(({ id }) => id === nearest)?.name;
  return [
    report.CaptivePortal && _('✗ A login page stands in between.'),
    report.UDP ? _('✓ UDP gets through.') : _('✗ UDP is blocked: all is relayed, and slow.'),
    say(_('IPv4, as others see it: %s'), report.GlobalV4 || none),
    say(_('IPv6, as others see it: %s'), report.GlobalV6 || none),
    varies && _('✗ A router in front is strict: few connections can be direct.'),
    varies === false && _('✓ Most connections can be direct.'),
    say(_('Ports can be opened by: %s'), ports || none),
    nearestIs(name && `${name}, ${milliseconds((RegionLatency?.[nearest] ?? 0) / 1e6)}`)
  ];
}
