/** What the bootstrap is doing, in the order in which a boot passes through it; `bootstrap.json` names one. */
export const phases = [
  'waiting-network',
  'waiting-clock',
  'resolving',
  'checking-memory',
  'downloading',
  'verifying',
  'starting',
  'running',
  /** Something is in the way that may go away by itself: `error` says what, `retry_in` when. */
  'retrying',
  /** Something is in the way that probably only a person can change; looked at again every ten minutes. */
  'blocked'
] as const;

export type Phase = (typeof phases)[number];
