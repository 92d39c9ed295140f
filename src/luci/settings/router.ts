/** What this router keeps in /etc/config/tailscale-ram: a form of LuCI's, with LuCI's own buttons. */

import type { NetworkReport } from '../../shared/network-plan.ts';
import { ask, otherClock } from '../common.ts';
import { maker, type Form, type Make } from './form.ts';
import { mainOptions, provisionOptions, type Options } from './options.ts';
import { addPolicy } from './policy.ts';

export async function routerForm(): Promise<Node> {
  const form = (await L.require('form')) as unknown as Form;
  const map = new form.Map('tailscale-ram');
  const main = map.section(form.NamedSection, 'main', 'tailscale-ram');
  const [clock, { arrows }] = await Promise.all([
    otherClock(),
    ask<Pick<NetworkReport, 'arrows'>>('network').catch(() => ({ arrows: [] }))
  ]);
  const tab = (title: string): Make => {
    main.tab(title, title);
    return maker(form, main.taboption.bind(main, title));
  };
  for (const [title, options] of mainOptions(clock)) {
    add(options, tab(title));
    if (options['enabled']) addPolicy(tab, arrows);
  }
  const provision = map.section(
    form.NamedSection,
    'provision',
    'provision',
    _('Unattended login'),
    _('For a router that nobody is at: used once, while there is no identity.')
  );
  provision.addremove = true;
  add(provisionOptions, maker(form, provision.option.bind(provision)));
  return map.render();
}

function add(options: Options, make: Make): void {
  for (const [name, [title, help, standard, check, isList]] of Object.entries(options)) {
    const isSwitch = name === 'enabled';
    const kind = isList ? 'DynamicList' : check ? 'Value' : isSwitch ? 'Flag' : 'ListValue';
    const made = make(kind, name, title, help);
    const { load } = made;
    if (check) {
      made.placeholder = standard;
      made.validate = (_section, value) => !value || check.test(value) || help;
    } else {
      const words = standard.split(' ');
      made.default = words[0] as string;
      for (const word of words) made.value(word);
    }
    // The init script takes other words, too.
    if (isSwitch)
      made.load = async (section) =>
        Number(!/^(0|off|no|false|disabled)$/.test((await load.call(made, section)) as string));
  }
}
