import { baseclass } from './class.ts';
import { hideIndicator, showIndicator } from './indicators.ts';
import { hideModal, showModal } from './modal.ts';
import { addNotification, addTimeLimitedNotification } from './notifications.ts';
import { poll } from './poll.ts';

/** The module, as pages get it: what they use of it. */
export const ui = baseclass.singleton({
  showModal,
  hideModal,
  addNotification,
  addTimeLimitedNotification,
  showIndicator,
  hideIndicator,
  createHandlerFn,
  awaitReconnect
});

type Handler = (this: unknown, ...args: unknown[]) => unknown;

/** A listener that calls `handler` with these arguments and the event; the element is busy meanwhile. */
export function createHandlerFn(
  context: unknown,
  handler: Handler | string,
  ...args: unknown[]
): ((event: Event) => void) | null {
  const call = typeof handler === 'string' ? (context as Record<string, unknown>)[handler] : handler;
  if (typeof call !== 'function') return null;
  return (event) => {
    const element = event.currentTarget as HTMLButtonElement;
    element.classList.add('spinning');
    element.disabled = true;
    element.blur();
    void Promise.resolve((call as Handler).apply(context, [...args, event])).finally(() => {
      element.classList.remove('spinning');
      element.disabled = false;
    });
  };
}

/** Goes there as soon as one of these hosts answers; to this one unless told. */
function awaitReconnect(...hosts: string[]): void {
  const targets = hosts.length > 0 ? hosts : [window.location.host];
  const look = async (): Promise<void> => {
    const answers = targets.map(async (host) => {
      const url = `${window.location.protocol}//${host}/`;
      await fetch(url, { method: 'HEAD', mode: 'no-cors', signal: AbortSignal.timeout(1000) });
      return url;
    });
    const reached = await Promise.any(answers).catch(() => undefined);
    if (reached === undefined) return;
    poll.stop();
    window.location.href = reached;
  };
  setTimeout(() => poll.add(look), 5000);
}
