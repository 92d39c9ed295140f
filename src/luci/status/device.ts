import {
  ask,
  button,
  bytes,
  change,
  copyable,
  el,
  lookAgain,
  Refusal,
  row,
  say,
  tell,
  when
} from '../common.ts';
import type { Status } from '../../shared/status.ts';
import { fetchOther } from './fetch.ts';
import { section, type Section } from './section.ts';

/** This device: who it is, and the version that runs. */
export function deviceSection(): Section {
  const progress = el('span', { role: 'status' });
  return section(({ state, self, tailnet, version, newest, memory }) => {
    if (!self || !state || state === 'NeedsLogin') return null;
    // Megabytes are enough: each kilobyte would draw it anew.
    const used = memory.daemon === null ? '…' : bytes(Math.round(memory.daemon / 1e6) * 1e6);
    const draw = () => [
      el(
        'div',
        { style: 'display:flex;flex-wrap:wrap;gap:1em;align-items:center;justify-content:space-between' },
        el('h3', { style: 'line-height:1.3' }, heading(state, self, tailnet)),
        connection(state)
      ),
      row(_('Addresses'), el('div', [...self.addresses, self.name].map(address))),
      self.tags.length > 0 && row(_('Tags'), self.tags.join(', ')),
      self.owner !== null && row(_('Owner'), self.owner),
      row(_('Key'), key(self)),
      row(_('Version'), [
        ...versions(version, newest),
        ' · ',
        ...say(_('%s of memory'), used),
        ' ',
        newest && button(_('Update'), () => fetchOther('update', progress)),
        ' ',
        button(_('Go back to the version before'), () => goBack(progress), 'neutral'),
        progress
      ])
    ];
    return [[state, self, tailnet, version, newest, used], draw];
  });
}

function heading(state: Status['state'], self: NonNullable<Status['self']>, tailnet: Status['tailnet']) {
  const name = el('strong', self.name.split('.')[0] || self.host_name);
  if (state === 'Running') return ['● ', ...say(_('Connected as %s in %s'), name, tailnet?.name ?? '…')];
  if (state === 'Starting') return ['◐ ', ...say(_('Connecting as %s …'), name)];
  if (state === 'NeedsMachineAuth') return ['◐ ', ...say(_('%s waits for its approval'), name)];
  return ['○ ', ...say(_('%s is not connected'), name)];
}

function connection(state: Status['state']): HTMLElement | null {
  return state === 'Stopped'
    ? button(_('Connect'), () => change('connect'), 'apply')
    : button(_('Disconnect'), () => change('disconnect'), 'neutral');
}

function address(text: string): HTMLElement | false {
  return text !== '' && el('div', copyable(text));
}

function key({ key_expiry }: NonNullable<Status['self']>): (Node | string | null)[] {
  if (key_expiry === null) return [_('It never expires.')];
  const reauth = button(_('Log in again'), () => ask('reauth').then(lookAgain), 'neutral');
  return [...say(_('It expires %s.'), when(key_expiry)), ' ', reauth];
}

function goBack(progress: HTMLElement): Promise<void> {
  return fetchOther('rollback', progress).catch((error: unknown) => {
    if (!(error instanceof Refusal && error.error.code === 'not-found')) throw error;
    tell([_('No other version has run here for ten minutes.')]);
  });
}

function versions(version: string | null, newest: Status['newest']): (Node | string)[] {
  const name = `Tailscale ${version ?? '…'}`;
  return newest ? [`${name}, `, ...say(_('%s is out'), newest.version)] : [name];
}
