/** What to try when the Internet works and the tailnet does not, for hours. */

type WatchdogAction = 'rebind' | 'restart' | 'last-good' | 'reboot';

/** When each was done last, in seconds since 1970: to be kept on flash, written before the action is taken. */
type WatchdogHistory = Partial<Record<WatchdogAction, number>>;

interface WatchdogState {
  /** Uptime since when the tailnet is away; null while it is not. */
  since: number | null;
  /** What was tried last since then, and when (uptime). */
  tried: { action: WatchdogAction; at: number } | null;
  history: WatchdogHistory;
}

/** What was seen. `hours` are those to wait for; 0 switches the watchdog off. */
interface Seen {
  internet: boolean;
  tailnet: boolean;
  /** Seconds. */
  uptime: number;
  /** Seconds since 1970. */
  now: number;
  hours: number;
}

/** From the mildest on. */
const ACTIONS: WatchdogAction[] = ['rebind', 'restart', 'last-good', 'reboot'];
const DAY = 86400;
/** What an action gets to help, in seconds. */
const SETTLE = 900;

/**
 * The next state, what to do now, and what has helped; to be asked each minute. Each action comes at most once a
 * day, and a reboot only when this boot is a day old: whatever the clock says, no reboot of ours is younger.
 */
function watch(
  before: WatchdogState,
  seen: Seen
): { state: WatchdogState; action?: WatchdogAction; helped?: WatchdogAction | undefined } {
  let history: WatchdogHistory = { ...before.history };
  if (seen.tailnet || !seen.internet || seen.hours <= 0) {
    let state = { since: null, tried: null, history };
    return seen.tailnet ? { state, helped: before.tried?.action } : { state };
  }

  let since = min(before.since ?? seen.uptime, seen.uptime);
  let tried = before.tried;
  let state = { since, tried, history };
  let waited = tried ? seen.uptime - tried.at >= SETTLE : seen.uptime - since >= seen.hours * 3600;

  for (let i = 0; waited && i < length(ACTIONS); i++) {
    let action = ACTIONS[i] as WatchdogAction;
    let at = history[action];
    // The clock was ahead then. Count the day from now on.
    if (at != null && at > seen.now) history[action] = at = seen.now;
    if (at != null && seen.now - at < DAY) continue;
    if (action == 'reboot' && seen.uptime < DAY) continue;
    history[action] = seen.now;
    state.tried = { action, at: seen.uptime };
    return { state, action };
  }
  return { state };
}

/** The latest action of a history; null if there was none. */
function lastAction(history: WatchdogHistory): { action: WatchdogAction; at: number } | null {
  let last: { action: WatchdogAction; at: number } | null = null;
  map(ACTIONS, (action) => {
    let at = history[action];
    if (at != null && at >= (last?.at ?? 0)) last = { action, at };
  });
  return last;
}

export { lastAction, watch };
export type { WatchdogAction, WatchdogHistory, WatchdogState };
