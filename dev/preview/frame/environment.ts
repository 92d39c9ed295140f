import type { Environment } from '../environment.ts';

/** What the server tells this page. */
export const environment = JSON.parse(
  document.querySelector('#environment')?.textContent ?? '{}'
) as Environment;
