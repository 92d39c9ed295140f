import {
  ask,
  button,
  change,
  checkbox,
  el,
  fill,
  followNetwork,
  mayChange,
  redraw,
  row,
  say,
  select,
  tellFailure,
  type Section
} from '../common.ts';
import type { Arrow } from '../../shared/network-plan.ts';
import type { Status } from '../../shared/status.ts';
import { section } from './section.ts';

interface ExitNodes {
  used: string | null;
  auto: boolean;
  exit_nodes: { id: string; name: string; online: boolean; country: string | null; city: string | null }[];
}

/** Which way the traffic goes: through an exit node, or from others into this router's subnets. */
export function routingSection(): Section {
  const chooser = el('div', { role: 'group', 'aria-label': _('Exit node') });
  const reaches = el('div', { style: 'display:flex;flex-wrap:wrap;gap:0 1.5em' }, '…');
  const look = followNetwork(({ arrows, findings }) => {
    const kept = findings.find(({ code }) => code === 'kill-switch');
    redraw(reaches, [arrows, kept], () => [
      arrows.map(arrow),
      kept && el('span', _('Kill switch'), ': ', kept.arguments['zone'])
    ]);
  });
  return section((status) => {
    const { state, exit_node, routes } = status;
    if (state !== 'Running') return null;
    look(status);
    return [
      [exit_node, routes],
      () => [
        el('h3', _('Traffic of this router')),
        row(_('Exit node'), [using(exit_node, chooser), chooser]),
        row(_('Routes offered'), offered(routes)),
        row(_('Reaches'), reaches)
      ]
    ];
  });
}

/** Who reaches whom, and who does not. From elsewhere than the tailnet it comes from in front. */
function arrow({ from, to, allowed }: Arrow): HTMLElement {
  const zone = (name: string): Node | string =>
    name === 'router' ? _('router') : name === '*' ? _('Internet') : el('bdi', name);
  const isInFront = ![from, to].includes('tailnet');
  return el(
    'span',
    isInFront ? say(_('network in front (%s)'), from) : zone(from),
    ' → ',
    zone(to),
    allowed ? ' ✓' : ' ✗'
  );
}

function using(exit_node: Status['exit_node'], chooser: HTMLElement) {
  const choose = button(_('Choose …'), () => openChooser(chooser));
  if (!exit_node) return [_('none'), ' ', choose];
  const leave = button(_('Use none'), () => change('exit_node', { id: 'none' }), 'neutral');
  const name = el('strong', exit_node.name ?? exit_node.id);
  return [name, ' ', exit_node.online ? '' : `(${_('offline')}) `, choose, ' ', leave];
}

async function openChooser(chooser: HTMLElement): Promise<void> {
  const { exit_nodes, used } = await ask<ExitNodes>('exit_nodes');
  const close = (): void => {
    fill(chooser);
  };
  const option = (value: string, text: string, enabled = true): HTMLElement =>
    el('option', { value, disabled: enabled ? null : '', selected: value === used ? '' : null }, text);
  const places = new Map<string, HTMLElement[]>();
  for (const { id, name, online, country, city } of exit_nodes) {
    const text = [city, name, online ? '' : _('offline')].filter(Boolean).join(' · ');
    const place = country || _('Devices');
    places.set(place, [...(places.get(place) ?? []), option(id, text, online)]);
  }
  const nodes = select(
    { 'aria-label': _('Exit node'), style: 'max-width:100%' },
    option('suggest', _('The one that Tailscale suggests')),
    option('auto', _('Always the best one')),
    [...places].map(([label, options]) => el('optgroup', { label }, options))
  );
  fill(
    chooser,
    exit_nodes[0]
      ? [
          nodes,
          ' ',
          button(_('Use it'), () => change('exit_node', { id: nodes.value }).then(close), 'apply'),
          ' ',
          button(_('Cancel'), close, 'neutral'),
          el('p', _('All traffic of this router and its LAN then goes through it.'))
        ]
      : _('No device of this tailnet offers to be one.')
  );
  nodes.focus();
}

function offered({ offered, approved }: Status['routes']): HTMLElement {
  const names = offered.filter((route) => !route.endsWith('/0'));
  const exits = offered.length > names.length;
  const isApproved = (route: string): string =>
    approved.includes(route) ? `✓ ${_('approved')}` : `… ${_('waits for approval')}`;
  const offer = checkbox({
    'data-key': 'exit',
    checked: exits ? '' : null,
    disabled: mayChange() ? null : '',
    change: async () => {
      try {
        await change('set', { preferences: { advertise_exit_node: offer.checked } });
      } catch (error) {
        offer.checked = !offer.checked;
        tellFailure(error);
      }
    }
  });
  return el(
    'div',
    names[0] ? names.map((route) => el('div', el('code', route), ' ', isApproved(route))) : _('none'),
    el(
      'div',
      el('label', offer, ' ', _('Offer this router as exit node')),
      exits && ` ${isApproved('0.0.0.0/0')}`
    )
  );
}
