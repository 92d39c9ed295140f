import type { BrowserContext } from 'playwright-core';
import type { State } from '../preview/states.ts';

/** Where pictures are taken. */
export interface Stage {
  /** Sets it up for a state in this browser profile, and returns the page's address; undefined if it cannot. */
  show(name: string, state: State, context: BrowserContext): Promise<string | undefined>;
  close(): Promise<void>;
}
