import { append, create } from './dom.ts';

/** A message on top of the page, until it is dismissed. Returns it. */
export function addNotification(title: unknown, children: unknown, ...classes: string[]): HTMLElement {
  const text = create('div', { style: 'flex:10' }) as HTMLElement;
  if (title !== null && title !== undefined) append(text, create('h4', {}, title));
  append(text, children);
  const fade = (): void => {
    message.classList.add('fade-out');
  };
  const dismiss = create('button', { class: 'btn', click: fade }, ['Dismiss']);
  const button = create('div', { style: 'flex:1 1 auto;display:flex;justify-content:end;align-items:end' }, [
    dismiss
  ]);
  const message = create('div', { class: 'alert-message fade-in', style: 'display:flex' }, [
    text,
    button
  ]) as HTMLElement;
  message.addEventListener('transitionend', () => {
    if (message.classList.contains('fade-out')) message.remove();
  });
  message.classList.add(...classes);
  (document.querySelector('#maincontent') ?? document.body).prepend(message);
  return message;
}

/** Likewise; it goes by itself after so many milliseconds. */
export function addTimeLimitedNotification(
  title: unknown,
  children: unknown,
  timeout?: number,
  ...classes: string[]
): HTMLElement {
  const message = addNotification(title, children, ...classes);
  if (timeout !== undefined && timeout > 0)
    setTimeout(() => {
      message.remove();
    }, timeout);
  return message;
}
