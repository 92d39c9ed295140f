import { follow, mayChange } from './common.ts';
import { dnsSection } from './diagnostics/dns.ts';
import { firewallSection } from './diagnostics/firewall.ts';
import { logSection } from './diagnostics/log.ts';
import { networkSection } from './diagnostics/network.ts';
import { numbersSection } from './diagnostics/numbers.ts';
import { pathSection } from './diagnostics/path.ts';
import { reportSection } from './diagnostics/report.ts';

/** "Why is it slow or broken?" */
export function diagnosticsPage(): HTMLElement {
  const sections = [firewallSection(), numbersSection(), logSection()];
  const told = sections.map(([node]) => node);
  return follow(
    _('Diagnostics'),
    (status) => {
      for (const [, show] of sections) show(status);
    },
    // Who may only look may not measure.
    mayChange() ? [pathSection(), networkSection(), dnsSection(), told, reportSection()] : told
  );
}
