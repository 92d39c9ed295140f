/** The router's own settings: section `main` of the UCI package. */

import { cursor } from 'uci';
import { cut } from './text.ts';

/** An option's text, of a list the first; empty if it is not set. */
function option(name: string): string {
  let value = cursor()?.get('tailscale-ram', 'main', name);
  return cut(type(value) == 'array' ? (value as string[])[0] : value, 255);
}

/** Where tailscaled keeps the node's key. */
function stateFile(): string {
  return option('state_file') || '/etc/tailscale/tailscaled.state';
}

export { option, stateFile };
