import { ask, button, el, fill, milliseconds, say, work, type Child } from '../common.ts';
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
  const relays = el('div');
  const measure = async (): Promise<void> => {
    const [found, known] = await Promise.all([work<Netcheck>('netcheck'), ask<Relays>('derp')]);
    fill(
      sentences,
      explain(found, known).map((sentence) => el('div', sentence))
    );
    fill(relays, relayRows(known, found.report?.RegionLatency ?? {}));
  };
  return section(_('Network'), button(_('Measure'), measure), sentences, relays);
}

function explain({ report, relay, warnings = [] }: Netcheck, { regions }: Relays): Child[] {
  const nearestIs = (name?: string | null): Child => say(_('Nearest relay: %s'), name || none);
  const none = _('none');
  if (!report) return [_('There is no memory for measuring. What is known:'), nearestIs(relay), ...warnings];
  const { MappingVariesByDestIP: varies, PreferredDERP: nearest = 0 } = report;
  const ports = [report.UPnP && 'UPnP', report.PMP && 'NAT-PMP', report.PCP && 'PCP'];
  const name = regions.find(({ id }) => id === nearest)?.name;
  return [
    report.CaptivePortal && _('✗ A login page stands in between.'),
    report.UDP ? _('✓ UDP gets through.') : _('✗ UDP is blocked: all is relayed, and slow.'),
    say(_('IPv4, as others see it: %s'), report.GlobalV4 || none),
    say(_('IPv6, as others see it: %s'), report.GlobalV6 || none),
    varies && _('✗ A router in front is strict: few connections can be direct.'),
    varies === false && _('✓ Most connections can be direct.'),
    say(_('Ports can be opened by: %s'), ports.filter(Boolean).join(', ') || none),
    nearestIs(name && `${name}, ${milliseconds((report.RegionLatency?.[nearest] ?? 0) / 1e6)}`)
  ];
}
