'use strict';
'require baseclass';
'require tailscale-ram.common as common';

import { ask, el, explain, explainFailure, say } from './common.ts';

import type { Status } from '../shared/status.ts';
import type { Text } from './common/elements.ts';

/** The card on LuCI's own overview. It asks with the page; LuCI hides a card for good that once fails to load. */
export default baseclass.extend({
  title: 'Tailscale',
  load: () =>
    ask<Status>('status').catch((error: unknown) => (isDenied(error) ? null : explainFailure(error))),
  render(found: Status | Text | null) {
    if (!found) return null;
    const status = Array.isArray(found) ? null : found;
    const worst = status?.problems.find(({ code, severity }) => severity !== 'info' && code !== 'logged-out');
    const page = L.url('admin/services/tailscale-ram/status');
    return el(
      'div',
      { style: 'overflow-wrap:anywhere' },
      el(
        'p',
        status ? summary(status) : (found as Text),
        ' ',
        el('a', { href: page, style: 'text-decoration:underline' }, _('Details'))
      ),
      worst && el('p', '⚠ ', explain(worst).title)
    );
  }
});

/** Some logins have nothing to do with Tailscale. */
function isDenied(error: unknown): boolean {
  return String(error).includes('-32002');
}

function summary({ bootstrap, daemon, state, self, tailnet }: Status): Text {
  if (!daemon && bootstrap?.phase !== 'blocked') return [_('Tailscale is being fetched and started.')];
  if (!daemon) return [_('Tailscale is not running')];
  if (state === 'Running') return say(_('Connected as %s in %s'), self?.name.split('.')[0], tailnet?.name);
  if (state === 'NeedsLogin') return [_('This router is not in a tailnet yet')];
  return state === 'Stopped' ? [_('Disconnected')] : [_('Connecting …')];
}
