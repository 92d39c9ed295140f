import { content, append, create } from './dom.ts';

/** One dialog at a time, over the page. Returns it. */
export function showModal(title: unknown, children: unknown, ...classes: string[]): HTMLElement {
  const { overlay, dialog } = parts();
  dialog.setAttribute('class', 'modal');
  dialog.classList.add(...classes);
  content(dialog, create('h4', {}, title));
  append(dialog, children);
  document.body.classList.add('modal-overlay-active');
  overlay.scrollTop = 0;
  overlay.focus();
  return dialog;
}

/** Needs no `this`: pages hand it on as it is. */
export function hideModal(): void {
  document.body.classList.remove('modal-overlay-active');
  parts().overlay.blur();
}

function parts(): { overlay: HTMLElement; dialog: HTMLElement } {
  const overlay = document.querySelector<HTMLElement>('#modal_overlay') ?? makeOverlay();
  return { overlay, dialog: overlay.firstElementChild as HTMLElement };
}

function makeOverlay(): HTMLElement {
  const dialog = create('div', { class: 'modal', role: 'dialog', 'aria-modal': true });
  const overlay = create('div', { id: 'modal_overlay', tabindex: -1 }, [dialog]) as HTMLElement;
  overlay.addEventListener('keydown', ({ key }) => {
    // Its first button is the one that leaves all as it is.
    if (key === 'Escape')
      overlay.querySelector<HTMLElement>('.right > button, .right > .btn, .button-row > .btn')?.click();
  });
  return document.body.appendChild(overlay);
}
