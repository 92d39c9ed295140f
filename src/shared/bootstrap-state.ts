import type { BootstrapError } from './errors.ts';
import type { Phase } from './phases.ts';

/** The content of `bootstrap.json` (and of `fetch.json` and `update.json`, for those two commands). */
export interface BootstrapState {
  phase: Phase;
  /** When the phase began, in seconds of uptime: no step of the clock changes it. */
  since: number;
  /** The number of this attempt, from 1. */
  attempt: number;
  version: string | null;
  arch: string | null;
  build: 'official' | 'compact' | 'compact-ssh';
  /** Bytes written to RAM so far, and how many there will be (an estimate where the server does not tell). */
  bytes: number;
  total: number | null;
  /** Seconds from `since` until the next attempt. */
  retry_in: number | null;
  error: BootstrapError | null;
}
