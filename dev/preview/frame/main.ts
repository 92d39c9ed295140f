/**
 * Stands in for LuCI in a browser: its globals and the modules that our pages use, so that the pages as they are
 * installed run without a router. What it says is English.
 */

import { create } from './dom.ts';
import { environment } from './environment.ts';
import { teachStringsToFormat } from './format.ts';
import { showIndicator } from './indicators.ts';
import { load } from './loader.ts';
import { luci } from './luci.ts';
import { showOverview } from './overview.ts';
import { poll } from './poll.ts';
import { reportError } from './report-error.ts';
import { ui } from './ui.ts';
import { view } from './view.ts';

teachStringsToFormat();
Object.assign(window, { L: Object.assign(luci, { ui }), E: create, _: translate, N_: plural });

document.addEventListener('poll-start', () => {
  showIndicator('poll-status', 'Refreshing', () => (poll.active() ? poll.stop() : poll.start()));
});
document.addEventListener('poll-stop', () => {
  showIndicator('poll-status', 'Paused', null, 'inactive');
});

poll.start();
open().catch(reportError);

async function open(): Promise<void> {
  const place = document.querySelector('#view');
  if (!place) return;
  if (typeof environment.view !== 'string') await showOverview(place, environment.view.includes);
  else if (!((await load(`view.${environment.view}`)) instanceof view))
    throw new TypeError(`Loaded class ${environment.view} is not a descendant of View`);
}

function translate(text: string): string {
  return text;
}

function plural(count: number, singular: string, several: string): string {
  return count === 1 ? singular : several;
}
