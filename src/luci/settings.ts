import { el, follow } from './common.ts';
import { preferenceSection } from './settings/node.ts';
import { profileSection } from './settings/profiles.ts';
import { routerForm } from './settings/router.ts';

/** What Tailscale keeps, and what the router keeps: two groups that never mix. LuCI's own buttons are the router's. */
export async function settingsPage(): Promise<HTMLElement> {
  const sections = [preferenceSection(), profileSection()];
  const router = el('div');
  const page = follow(
    _('Settings'),
    (status) => {
      // What cannot be asked is said on top already.
      for (const [, show] of sections) show(status).catch(() => undefined);
    },
    el(
      'div',
      { class: 'cbi-section' },
      el('h3', _('This node')),
      el('p', _('Kept by Tailscale; its command changes it, too.')),
      sections.map(([node]) => node)
    ),
    el('h3', _('This router')),
    el('p', _('How Tailscale is fetched and started.')),
    router
  );
  router.append(await routerForm().catch(String));
  return page;
}
