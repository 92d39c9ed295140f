import { el, follow } from './common.ts';
import { deviceSection } from './status/device.ts';
import { fetchSection } from './status/fetch.ts';
import { loginSection } from './status/login.ts';
import { problemSection } from './status/problems.ts';
import { routingSection } from './status/routing.ts';
import { trafficSection } from './status/traffic.ts';

/** "Is it working? If not, what do I do?" */
export function statusPage(): HTMLElement {
  const sections = [
    problemSection(),
    fetchSection(),
    loginSection(),
    deviceSection(),
    routingSection(),
    trafficSection()
  ];
  const unknown = el('p', '…');
  return follow(
    'Tailscale',
    (status) => {
      unknown.remove();
      for (const [, show] of sections) show(status);
    },
    unknown,
    sections.map(([node]) => node)
  );
}
