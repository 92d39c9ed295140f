import type { Finding, NetworkReport, Way } from '../../shared/network-plan.ts';
import {
  ask,
  button,
  el,
  fill,
  folded,
  followNetwork,
  lookButton,
  redraw,
  row,
  say,
  type Child,
  type Section
} from '../common.ts';
import { findingWords, reasonWords } from './findings.ts';
import { inputFor, section } from './parts.ts';

/** What is to be known of the networks, what is kept in their configuration, and which way an address is. */
export function firewallSection(): Section {
  const findings = el('div', { role: 'status' }, '…');
  const kept = el('div');
  const names = el('pre');
  const way = el('p', { role: 'status' });
  const show = (report: NetworkReport): void => {
    redraw(findings, report.findings, () =>
      report.findings[0] ? report.findings.map(finding) : _('Nothing unusual.')
    );
    fill(names, report.names);
    redraw(kept, report.sections, () =>
      report.sections.map(({ config, name, reason }) =>
        el('div', el('bdi', `${config}.${name}`), ' · ', el('bdi', reasonWords(reason)))
      )
    );
  };
  const takeOver = async (): Promise<void> => {
    await ask('take_zone');
    show(await ask<NetworkReport>('network'));
  };
  const finding = (found: Finding): HTMLElement => {
    const [title, text] = findingWords(found);
    return el(
      'p',
      el('b', title),
      el('br'),
      text,
      ` (${found.code}) `,
      found.code === 'left-zone' && button(_('Take over'), takeOver)
    );
  };
  const test = async (address: string): Promise<void> => {
    fill(way, wayWords(await ask<Way>('route', { address })));
  };
  const [address, go] = inputFor(_('Which way'), {}, test, lookButton);
  const node = section(
    _('Firewall and routes'),
    findings,
    folded(_('Kept in the router’s configuration'), kept),
    folded(_('Names that are asked in the tailnet'), names),
    row(_('Address'), address),
    go,
    way
  );
  return [node, followNetwork(show)];
}

function wayWords({ device, interface: name, via }: Way): Child {
  if (!device) return _('No way leads there.');
  if (device === 'tailscale0') return _('Through the tailnet.');
  if (device === 'lo') return _('To this router itself.');
  const by = name ?? device;
  return via ? say(_('By %s, through the router %s.'), by, via) : say(_('Into the network %s.'), by);
}
