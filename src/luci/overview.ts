'use strict';
'require baseclass';
'require poll';
'require rpc';
'require ui';

import { ask, el, explain, explainFailure, say, statusLink, type Child } from './common.ts';

import type { Problem } from '../shared/problems.ts';
import type { Status } from '../shared/status.ts';
import { page } from './pages.ts';

/** The card on LuCI's own overview. It asks with the page; LuCI hides a card for good that once fails to load. */
export default baseclass.extend({
  title: 'Tailscale',
  page,
  load: () =>
    ask<Status>('status').then(
      (status): Told => [
        summary(status),
        status.problems.find(({ code, severity }) => severity !== 'info' && code !== 'logged-out')
      ],
      // Some logins have nothing to do with Tailscale.
      (error: unknown): Told | null => (String(error).includes('-32002') ? null : [explainFailure(error)])
    ),
  render(told: Told | null) {
    if (!told) return null;
    const [text, worst] = told;
    return el(
      'div',
      { style: 'overflow-wrap:anywhere' },
      el('p', text, ' ', statusLink(_('Details'))),
      worst && el('p', '⚠ ', explain(worst)[0])
    );
  }
});

type Told = [text: Child, worst?: Problem | undefined];

function summary({ bootstrap, daemon, state, self, tailnet }: Status): Child {
  if (!daemon && bootstrap?.phase !== 'blocked') return _('Tailscale is being fetched and started.');
  if (!daemon) return _('Tailscale is not running');
  if (state === 'Running') return say(_('Connected as %s in %s'), self?.name.split('.')[0], tailnet?.name);
  if (state === 'NeedsLogin') return _('This router is not in a tailnet yet');
  return state === 'Stopped' ? _('Disconnected') : _('Connecting …');
}
