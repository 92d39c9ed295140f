import { baseclass, type Instance } from './class.ts';
import { append, content, create } from './dom.ts';
import { environment } from './environment.ts';
import { reportError } from './report-error.ts';
import { createHandlerFn } from './ui.ts';

/** What a page extends: whoever makes an instance of it, shows it. */
export const view = baseclass.extend({
  __init__(this: Instance): void {
    void show(this);
  },
  load: () => undefined,
  render: () => undefined,
  handleSave: nothing,
  handleSaveApply: nothing,
  handleReset: nothing,
  addFooter(this: Instance): Node | null {
    const buttons = footer.flatMap(([handler, label, style]) => {
      if (typeof this[handler] !== 'function') return [];
      const attributes = {
        class: `btn cbi-button cbi-button-${style}`,
        click: createHandlerFn(this, handler),
        disabled: environment.nodespec.readonly || null
      };
      return [create('button', attributes, [label]), ' '];
    });
    return buttons.length > 0 ? create('div', { class: 'cbi-page-actions' }, buttons) : create([]);
  }
});

const footer = [
  ['handleSaveApply', 'Save & Apply', 'apply'],
  ['handleSave', 'Save', 'save'],
  ['handleReset', 'Reset', 'reset']
] as const;

interface View {
  load(): unknown;
  render(loaded: unknown): unknown;
  addFooter(): Node | null;
}

async function show(instance: Instance): Promise<void> {
  const page = instance as unknown as View;
  const place = document.querySelector('#view');
  if (!place) return;
  try {
    // LuCI, too, is still on its way then.
    await Promise.resolve();
    const nodes = await page.render(await page.load());
    content(place, nodes);
    append(place, page.addFooter());
  } catch (error) {
    reportError(error);
  }
}

/** There are no forms of LuCI's here. */
function nothing(): Promise<void> {
  return Promise.resolve();
}
