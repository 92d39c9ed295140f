import {
  ask,
  button,
  bytes,
  change,
  copyable,
  el,
  redraw,
  refusal,
  row,
  say,
  tell,
  when,
  type Child,
  type Section
} from '../common.ts';
import { daemonPeakMegabytes as peaks } from '../../shared/memory.ts';
import type { Status } from '../../shared/status.ts';
import { shortName } from '../devices/words.ts';
import { aboutBuilds } from '../settings/options.ts';
import { fetchOther } from './fetch.ts';
import { section } from './section.ts';

/** This device: who it is, and the version that runs. */
export function deviceSection(): Section {
  const progress = el('span', { role: 'status' });
  const room = el('div');
  const usage = el('div');
  let mirrors: string[] | undefined;
  ask<{ router: { mirror?: string[] } }>('settings').then(
    ({ router }) => {
      mirrors = router.mirror;
    },
    () => undefined
  );
  return section(({ state, self, tailnet, version, newest, memory, bootstrap }) => {
    if (!self || !state || state === 'NeedsLogin') return null;
    redraw(usage, memory, () => shares(memory));
    redraw(room, memory, () => needs(memory));
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
        ' ',
        newest && button(_('Update'), () => fetchOther('update', progress)),
        ' ',
        button(_('Go back to the version before'), () => goBack(progress), 'neutral'),
        progress
      ]),
      row(_('Memory'), usage),
      mirrors && row(_('Build'), [builds(bootstrap?.build, progress), room], aboutBuilds)
    ];
    return [[state, self, tailnet, version, newest, mirrors, bootstrap?.build], draw];
  });
}

/** A bar, as LuCI draws one, and what it shows. */
function shares({ total, free, ...own }: Status['memory']): Child {
  const parts = Object.values(own).map(Number);
  return [
    el(
      'div',
      { class: 'cbi-progressbar', title: `${bytes(parts.reduce((a, b) => a + b))} / ${bytes(total)}` },
      parts.map((part, i) =>
        el('div', { style: `float:left;opacity:${1 - i / 4};width:${(part / total) * 100}%` })
      )
    ),
    say(_('Tailscale %s, agent %s, program %s; free: %s'), ...[...parts, free].map((size) => bytes(size)))
  ];
}

function builds(now: string | undefined, progress: HTMLElement): Child {
  const others = 'official compact compact-ssh'.split(' ').filter((build) => build !== now);
  return [
    now,
    others.map((build) => [
      ' ',
      button(`→ ${build}`, () => fetchOther('set_build', progress, { build }), 'neutral')
    ])
  ];
}

/** Whether there is room for another build: what the bootstrap reckons with, of the largest architecture. */
function needs({ total, free }: Status['memory']): Child {
  const peak = total > 256 << 20 ? peaks.default : total > 96 << 20 ? peaks.gogc50 : peaks.gogc20;
  const checked = (size: number) => `${bytes(size)} ${free < size ? '✗' : '✓'}`;
  return say(_('It takes %s of free memory, to official %s.'), checked(12e6), checked((peak + 25) << 20));
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
