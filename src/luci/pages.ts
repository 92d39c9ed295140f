/** What LuCI's menu leads to. */

import { devicesPage } from './devices.ts';
import { diagnosticsPage } from './diagnostics.ts';
import { settingsPage } from './settings.ts';
import { statusPage } from './status.ts';

/** By the last part of their paths. */
const pages: Readonly<Record<string, () => HTMLElement | Promise<HTMLElement>>> = {
  status: statusPage,
  devices: devicesPage,
  settings: settingsPage,
  diagnostics: diagnosticsPage
};

/** What LuCI makes the view of that it is at. The buttons that it puts below are for its form in the settings. */
export function page(): object {
  const name = (L.env['dispatchpath'] as string[])[3] as string;
  const render = pages[name];
  return { render, ...(name !== 'settings' && { addFooter: () => null }) };
}
