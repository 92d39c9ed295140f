/** The logins that this router knows, and how to end them. */

import { ask, askFor, button, change, el, mayChange, redraw, row, type Child } from '../common.ts';
import type { AskingSection } from './node.ts';

interface Profiles {
  current: string | null;
  profiles: { id: string; name: string; login_server: string; tailnet: string; owner: string }[];
}

export function profileSection(): AskingSection {
  const list = el('div', '…');
  // Without a name it is the one that this page was opened by.
  let device = location.hostname;

  const act = (label: string, title: string, run: () => unknown): Child => {
    const key = `${label} ${title}`;
    return button(label, run, 'neutral', { 'aria-label': key, 'data-key': key });
  };

  const end = (label: string, method: string, text: string): Child =>
    button(
      `${label} …`,
      () => {
        askFor(device, text, label, () => change(method));
      },
      'negative'
    );

  const node = el(
    'div',
    el('h4', _('Profiles')),
    list,
    mayChange() && [
      row(
        '',
        button(_('New profile'), () => change('new_profile')),
        _('For another account; then log in on the page Status.')
      ),
      row('', [
        end(_('Log out'), 'logout', _('Until you log in again, nothing reaches it.')),
        ' ',
        end(_('Remove the identity'), 'forget_identity', _('The next login makes a new device of it.'))
      ])
    ]
  );
  return [
    node,
    async ({ self }) => {
      device = self?.host_name || device;
      const { current, profiles } = await ask<Profiles>('profiles');
      redraw(list, [current, profiles], () =>
        profiles.map(({ id, name, ...rest }) => {
          const remove = async (): Promise<void> => {
            if (confirm(`${_('Delete')}: ${name}?`)) await change('delete_profile', { id });
          };
          return row(
            name || id,
            id === current
              ? `● ${_('in use')}`
              : [
                  act(_('Use it'), name, () => change('switch_profile', { id })),
                  ' ',
                  act(_('Delete'), name, remove)
                ],
            Object.values(rest).filter(Boolean).join(' · ')
          );
        })
      );
    }
  ];
}
