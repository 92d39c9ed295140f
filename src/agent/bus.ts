/** What tailscaled tells by itself, on watch-ipn-bus; connected again for ever. */

import { timer } from 'uloop';
import type { Timer } from 'uloop';
import { request } from './localapi.ts';
import { parse } from './text.ts';

/** What the agent reads of a line: tailscale's ipn.Notify. */
interface Notify {
  ErrMessage?: string;
  BrowseToURL?: string;
  LoginFinished?: object;
  State?: number;
  Prefs?: object;
  Health?: { Warnings?: Record<string, Warning> };
}

interface Warning {
  WarnableCode: string;
  Severity: string;
  Title: string;
  Text: string;
}

/** Initial state, preferences and health: what every daemon knows, and small however large the tailnet is. */
const PATH = 'watch-ipn-bus?mask=134';
const LONGEST_LINE = 262144;

/**
 * `changed` gets each line, and an empty object for one that is too long to read: something changed, whatever it
 * says. `lost` is told when the connection ends, once.
 */
function watchBus(changed: (line: Notify) => void, lost: () => void): void {
  let pause = 100;
  let rest = '';
  let connected = false;
  let retry: Timer | null;

  let take = (piece: string): void => {
    connected = true;
    pause = 100;
    let lines = split(rest + piece, '\n');
    rest = pop(lines) as string;
    map(lines, (text) => {
      let line = parse(text);
      changed(type(line) == 'object' ? (line as Notify) : {});
    });
    // What the line ends with makes no sense then.
    if (length(rest) > LONGEST_LINE) rest = '!';
  };

  retry = timer(0, () => {
    rest = '';
    request({ method: 'GET', path: PATH, stream: true, on_data: take }, () => {
      if (connected) lost();
      connected = false;
      retry?.set(pause);
      pause = min(pause * 2, 2000);
    });
  });
}

export { watchBus };
export type { Notify, Warning };
