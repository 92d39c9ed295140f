'use strict';
'require view';
'require ui';
'require tailscale-ram.common as common';

import { el, follow, redraw } from './common.ts';

import { deviceSection } from './status/device.ts';
import { fetchSection } from './status/fetch.ts';
import { loginSection } from './status/login.ts';
import { problemSection } from './status/problems.ts';
import { routingSection } from './status/routing.ts';
import { trafficSection } from './status/traffic.ts';

/** "Is it working? If not, what do I do?" */
export default view.extend({
  render() {
    const sections = [
      problemSection(),
      fetchSection(),
      loginSection(),
      deviceSection(),
      routingSection(),
      trafficSection()
    ];
    const unknown = el('p', '…');
    const top = follow((status) => {
      redraw(unknown, 'known', () => []);
      for (const { show } of sections) show(status);
    });
    return el(
      'div',
      { style: 'overflow-wrap:anywhere' },
      el('h2', 'Tailscale'),
      top,
      unknown,
      sections.map(({ node }) => node)
    );
  },
  handleSave: null,
  handleSaveApply: null,
  handleReset: null
});
