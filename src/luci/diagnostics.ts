'use strict';
'require view';
'require tailscale-ram.common as common';

import { el, follow, mayChange } from './common.ts';
import { dnsSection } from './diagnostics/dns.ts';
import { logSection } from './diagnostics/log.ts';
import { networkSection } from './diagnostics/network.ts';
import { numbersSection } from './diagnostics/numbers.ts';
import { pathSection } from './diagnostics/path.ts';
import { reportSection } from './diagnostics/report.ts';

/** "Why is it slow or broken?" */
export default view.extend({
  render() {
    const numbers = numbersSection();
    const log = logSection();
    const top = follow(() => {
      numbers.look();
      log.look();
    });
    const told = [numbers.node, log.node];
    return el(
      'div',
      { style: 'overflow-wrap:anywhere' },
      el('h2', _('Diagnostics')),
      top,
      // Who may only look may not measure.
      mayChange() ? [pathSection(), networkSection(), dnsSection(), ...told, reportSection()] : told
    );
  },
  handleSave: null,
  handleSaveApply: null,
  handleReset: null
});
