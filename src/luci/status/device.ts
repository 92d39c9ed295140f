import {
  button,
  bytes,
  change,
  copyable,
  el,
  refusal,
  row,
  say,
  tell,
  when,
  type Child,
  type Section
} from '../common.ts';
import type { Status } from '../../shared/status.ts';
import { shortName } from '../devices/words.ts';
import { fetchOther } from './fetch.ts';
import { section } from './section.ts';

/** This device: who it is, and the version that runs. */
export function deviceSection(): Section {
  const progress = el('span', { role: 'status' });
  return section(({ state, self, tailnet, version, newest, memory }) => {
    if (!self || !state || state === 'NeedsLogin') return null;
    // Megabytes are enough: each kilobyte would draw it anew.
    const [used, files] = [memory.daemon, memory.files].map((size) =>
      size === null ? '…' : bytes(Math.round(size / 1e6) * 1e6)
    );
    const draw = () => [
      el(
        'div',
        { style: 'display:flex;flex-wrap:wrap;gap:1em;align-items:center;justify-content:space-between' },
        el('h3', { style: 'line-height:1.3' }, heading(state, self, tailnet)),
        connection(state)
      ),
      row(
        _('Addresses'),
        [...self.addresses, self.name].map((text) => text && el('div', copyable(text)))
      ),
      self.tags[0] && row(_('Tags'), self.tags.join(', ')),
      self.owner && row(_('Owner'), self.owner),
      row(_('Key'), key(self)),
      row(_('Version'), [
        versions(version, newest),
        ' · ',
        say(_('%s of memory, and %s for the program'), used, files),
        ' ',
        newest && button(_('Update'), () => fetchOther('update', progress)),
        ' ',
        button(_('Go back to the version before'), () => goBack(progress), 'neutral'),
        progress
      ])
    ];
    return [[state, self, tailnet, version, newest, used, files], draw];
  });
}

function heading(state: Status['state'], self: NonNullable<Status['self']>, tailnet: Status['tailnet']) {
  const name = el('strong', shortName(self));
  if (state === 'Running') return ['● ', say(_('Connected as %s in %s'), name, tailnet?.name ?? '…')];
  if (state === 'Starting') return ['◐ ', say(_('Connecting as %s …'), name)];
  if (state === 'NeedsMachineAuth') return ['◐ ', say(_('%s waits for its approval'), name)];
  return ['○ ', say(_('%s is not connected'), name)];
}

function connection(state: Status['state']): Child {
  return state === 'Stopped'
    ? button(_('Connect'), () => change('connect'), 'apply')
    : button(_('Disconnect'), () => change('disconnect'), 'neutral');
}

function key({ key_expiry }: NonNullable<Status['self']>): Child {
  if (!key_expiry) return _('It never expires.');
  const reauth = button(_('Log in again'), () => change('reauth'), 'neutral');
  return [say(_('It expires %s.'), when(key_expiry)), ' ', reauth];
}

function goBack(progress: HTMLElement): Promise<void> {
  return fetchOther('rollback', progress).catch((error: unknown) => {
    if (refusal(error)?.code !== 'not-found') throw error;
    tell(_('No other version has run here for ten minutes.'));
  });
}

function versions(version: string | null, newest: Status['newest']): Child {
  return [`Tailscale ${version ?? '…'}`, newest && [', ', say(_('%s is out'), newest.version)]];
}
