import { ask, button, change, el, mayChange, redraw, row, tellFailure } from '../common.ts';
import type { Status } from '../../shared/status.ts';
import { section, type Section } from './section.ts';

interface ExitNodes {
  used: string | null;
  auto: boolean;
  exit_nodes: { id: string; name: string; online: boolean; country: string | null; city: string | null }[];
}

/** Which way the traffic goes: through an exit node, or from others into this router's subnets. */
export function routingSection(): Section {
  const chooser = el('div', { role: 'group', 'aria-label': _('Exit node') });
  return section(({ state, exit_node, routes }) =>
    state !== 'Running'
      ? null
      : [
          [exit_node, routes],
          () => [
            el('h3', _('Traffic of this router')),
            row(_('Exit node'), [...using(exit_node, chooser), chooser]),
            row(_('Routes offered'), offered(routes))
          ]
        ]
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
    redraw(chooser, null, () => []);
  };
  const option = (value: string, text: string, enabled = true): HTMLElement =>
    el('option', { value, disabled: enabled ? null : '', selected: value === used ? '' : null }, text);
  const places = new Map<string, HTMLElement[]>();
  for (const { id, name, online, country, city } of exit_nodes) {
    const text = [city, name, online ? '' : _('offline')].filter(Boolean).join(' · ');
    const place = country ?? '';
    places.set(place, [...(places.get(place) ?? []), option(id, text, online)]);
  }
  const select = el(
    'select',
    { class: 'cbi-input-select', 'aria-label': _('Exit node'), style: 'max-width:100%' },
    option('suggest', _('The one that Tailscale suggests')),
    option('auto', _('Always the best one')),
    [...places].map(([country, options]) =>
      country === ''
        ? el('optgroup', { label: _('Devices') }, options)
        : el('optgroup', { label: country }, options)
    )
  ) as HTMLSelectElement;
  redraw(chooser, performance.now(), () =>
    exit_nodes.length === 0
      ? [_('No device of this tailnet offers to be one.')]
      : [
          select,
          ' ',
          button(_('Use it'), () => change('exit_node', { id: select.value }).then(close), 'apply'),
          ' ',
          button(_('Cancel'), close, 'neutral'),
          el('p', _('All traffic of this router and its LAN then goes through it.'))
        ]
  );
  select.focus();
}

function offered({ offered, approved }: Status['routes']): HTMLElement {
  const names = offered.filter((route) => route !== '0.0.0.0/0' && route !== '::/0');
  const exits = offered.length > names.length;
  const isApproved = (route: string): string =>
    approved.includes(route) ? `✓ ${_('approved')}` : `… ${_('waits for approval')}`;
  const offer = el('input', {
    type: 'checkbox',
    id: 'tsr-exit',
    'data-key': 'exit',
    checked: exits ? '' : null,
    disabled: mayChange() ? null : '',
    change: () => void offerExit(offer)
  }) as HTMLInputElement;
  return el(
    'div',
    names.length === 0
      ? _('none')
      : names.map((route) => el('div', el('code', route), ' ', isApproved(route))),
    el(
      'div',
      offer,
      ' ',
      el('label', { for: 'tsr-exit' }, _('Offer this router as exit node')),
      exits && ` ${isApproved('0.0.0.0/0')}`
    )
  );
}

async function offerExit(box: HTMLInputElement): Promise<void> {
  try {
    await change('set', { preferences: { advertise_exit_node: box.checked } });
  } catch (error) {
    box.checked = !box.checked;
    tellFailure(error);
  }
}
