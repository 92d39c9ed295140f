'use strict';
'require view';
'require form';
'require tailscale-ram.common as common';

import { el, follow, lookAgain } from './common.ts';
import { preferenceSection } from './settings/node.ts';
import { profileSection } from './settings/profiles.ts';
import { routerForm } from './settings/router.ts';

/** What Tailscale keeps, and what the router keeps: two groups that never mix. LuCI's own buttons are the router's. */
export default view.extend({
  async render() {
    const sections = [preferenceSection(), profileSection()];
    const top = follow((status) => {
      // What cannot be asked is said on top already.
      for (const [, show] of sections) show(status).catch(() => undefined);
    });
    void lookAgain();
    const router = await routerForm().catch(String);
    return el(
      'div',
      { style: 'overflow-wrap:anywhere' },
      el('h2', _('Settings')),
      top,
      el(
        'div',
        { class: 'cbi-section' },
        el('h3', _('This node')),
        el('p', _('Kept by Tailscale; its command changes it, too.')),
        sections.map(([node]) => node)
      ),
      el('h3', _('This router')),
      el('p', _('How Tailscale is fetched and started.')),
      router
    );
  }
});
