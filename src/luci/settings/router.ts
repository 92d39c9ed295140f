/** What this router keeps in /etc/config/tailscale-ram: a form of LuCI's, with LuCI's own buttons. */

import { callUbus } from '../common.ts';
import { mainOptions, provisionOptions, type Options } from './options.ts';

/** What LuCI makes of an option. */
interface Value {
  default: string;
  placeholder: string;
  value(word: string): void;
  load: (this: Value, section: string) => unknown;
  parse: (this: Value, section: string) => Promise<void>;
  validate(section: string, value: string): string | boolean;
  getUIElement(section: string): { isChanged(): boolean } | null;
}

type Kind = new () => Value;
type Kinds = Record<'DynamicList' | 'Flag' | 'ListValue' | 'Value', Kind>;
type Make = (kind: Kind, name: string, title: string, help: string) => Value;

export async function routerForm(): Promise<Node> {
  const map = new form.Map('tailscale-ram');
  const main = map.section(form.NamedSection, 'main', 'tailscale-ram');
  for (const [title, options] of mainOptions(await clock().catch(() => ''))) {
    main.tab(title, title);
    add(options, main.taboption.bind(main, title) as unknown as Make);
  }
  const provision = map.section(
    form.NamedSection,
    'provision',
    'provision',
    _('Unattended login'),
    _('For a router that nobody is at: used once, while there is no identity.')
  );
  provision.addremove = true;
  add(provisionOptions, provision.option.bind(provision) as unknown as Make);
  return map.render();
}

function add(options: Options, make: Make): void {
  for (const [name, [title, help, standard, check, isList]] of Object.entries(options)) {
    const isSwitch = name === 'enabled';
    const kind = (form as unknown as Kinds)[
      isList ? 'DynamicList' : check ? 'Value' : isSwitch ? 'Flag' : 'ListValue'
    ];
    const made = make(kind, name, title, help);
    const { load, parse } = kind.prototype as Value;
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
    // What nobody has touched is neither written nor, where it is the default, removed.
    made.parse = async (section) => {
      if (made.getUIElement(section)?.isChanged()) await parse.call(made, section);
    };
  }
}

/** In which zone the router is, if the browser is in another one. */
async function clock(): Promise<string> {
  const { localtime } = await callUbus<{ localtime: number }>('system', 'info');
  const hours = Math.round((localtime - Date.now() / 1000) / 900) / 4;
  if (hours === new Date().getTimezoneOffset() / -60) return '';
  return ` ${_('There it is')} UTC${hours < 0 ? hours : `+${hours}`}.`;
}
