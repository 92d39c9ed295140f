import { create } from './dom.ts';
import { addNotification } from './notifications.ts';

/** Tells of what a page did not catch, where everybody sees it, and throws it on. */
export function reportError(error: unknown): never {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  addNotification(name, create('pre', {}, [stack ?? message]), 'danger');
  throw error;
}
