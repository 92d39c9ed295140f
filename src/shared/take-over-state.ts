/** How taking over another Tailscale goes on, in order. The last three are ends: nothing is under way after them. */
export const takeOverPhases = [
  'fetching',
  'switching',
  'trying',
  'returning',
  'taken',
  'returned',
  'refused'
] as const;

export type TakeOverPhase = (typeof takeOverPhases)[number];

/** Why the other one stays (`refused`), or got its place back (`returned`). */
export const takeOverErrors = [
  'not-enabled',
  'nothing-found',
  'fetch-failed',
  'not-stopped',
  'not-running',
  'interrupted'
] as const;

/** The content of `take-over.json`, which is there once somebody asked for it since the last boot. */
export interface TakeOverState {
  phase: TakeOverPhase;
  /** When the phase began, in seconds of uptime. */
  since: number;
  /** `detail` is for the log: nobody needs it to understand `code`. */
  error: { code: (typeof takeOverErrors)[number]; detail: string } | null;
}
