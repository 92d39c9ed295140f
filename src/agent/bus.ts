/** What tailscaled tells by itself, on watch-ipn-bus; connected again for ever. */

import { timer } from 'uloop';
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
  let skipping = false;
  let connected = false;
  let retry = timer(-1, () => null);

  let take = (piece: string): void => {
    if (!connected) {
      connected = true;
      pause = 100;
    }
    let lines = split(rest + piece, '\n');
    rest = pop(lines) ?? '';
    for (let i = 0; i < length(lines); i++) {
      let line = skipping ? null : parse(lines[i]);
      skipping = false;
      changed(type(line) == 'object' ? (line as Notify) : {});
    }
    if (length(rest) > LONGEST_LINE) {
      skipping = true;
      rest = '';
    }
  };

  let connect: () => void;
  connect = () => {
    rest = '';
    skipping = false;
    request({ method: 'GET', path: PATH, stream: true, on_data: take }, () => {
      if (connected) lost();
      connected = false;
      retry?.set(pause);
      pause = min(pause * 2, 5000);
    });
  };
  retry = timer(0, () => {
    connect();
  });
}

export { watchBus };
export type { Notify, Warning };
