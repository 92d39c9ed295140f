/** What Tailscale itself keeps: changed here, by its command, or from elsewhere. Sent all at once. */

import type { PreferenceName, PreferenceState } from '../../shared/preferences.ts';
import type { Status } from '../../shared/status.ts';
import { ask, button, change, el, folded, mayChange, redraw, refusal } from '../common.ts';
import { field, type Field } from './field.ts';
import { ownSubnets, type Subnet } from './subnets.ts';
import { groups, type Words } from './words.ts';

/** A part of the page, and what draws it again; for what cannot be asked there is no other place than the top. */
export type AskingSection = readonly [HTMLElement, (status: Status) => Promise<void>];

type States = Record<PreferenceName, PreferenceState>;

export function preferenceSection(): AskingSection {
  const fields = new Map<string, Field>();
  const form = el('div', _('Waiting for Tailscale …'));
  let subnets: Subnet[] | undefined;
  let exitNode: Status['exit_node'] = null;

  const show = async (): Promise<void> => {
    const own = (subnets ??= await ownSubnets());
    const { preferences } = await ask<{ preferences: States | null }>('settings');
    if (!preferences) return;
    // Its name instead of its number.
    preferences.exit_node.value = exitNode?.name ?? '';
    redraw(form, 0, () =>
      groups.map(([title, group], i) => {
        const nodes = Object.entries<Words>(group).map(([name, words]) => {
          const ticks = name === 'advertise_routes' ? own : [];
          const made = field(name, words, preferences[name as PreferenceName], ticks);
          fields.set(name, made);
          return made.node;
        });
        // What is advanced, and what nobody can change.
        return i < 4 ? [el('h4', title), nodes] : folded(title, nodes);
      })
    );
    for (const [name, { show }] of fields) show(preferences[name as PreferenceName]);
  };

  const apply = async (): Promise<void> => {
    const preferences: Record<string, unknown> = {};
    for (const [name, { change }] of fields) preferences[name] = change();
    try {
      const { not_taken } = await change<{ not_taken: string[] }>('set', { preferences });
      await show();
      for (const [name, { complain, reset }] of fields) {
        if (not_taken.includes(name)) complain({ code: 'unsupported', detail: '' });
        else if (preferences[name] !== undefined) reset();
      }
    } catch (error) {
      // A refusal may name the field that it is about.
      const why = refusal(error);
      const wrong = why?.field && fields.get(why.field);
      if (!wrong) throw error;
      wrong.complain(why);
    }
  };

  const reset = (): void => {
    for (const { reset } of fields.values()) reset();
  };

  const buttons = [button(_('Apply'), apply, 'apply'), ' ', button(_('Reset'), reset)];
  return [
    el('div', form, mayChange() && el('div', { class: 'cbi-page-actions' }, buttons)),
    ({ exit_node }) => {
      exitNode = exit_node;
      return show();
    }
  ];
}
