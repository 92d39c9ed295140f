/** Who reaches whom. What nobody has decided is in no file: the agent decides it. */

import type { Arrow } from '../../shared/network-plan.ts';
import { checkbox, el, mayChange } from '../common.ts';
import type { Make, Value } from './form.ts';

/** Where UCI has it; made with the first change. */
const SECTION = 'policy';
/** In the place of a zone: nobody. */
const NONE = 'none';

/** `arrows` tell which zones there are; without any, they are to be typed. */
export function addPolicy(tab: (title: string) => Make, arrows: readonly Arrow[]): void {
  let make: Make;
  const add = (kind: Parameters<Make>[0], name: string, title: string, help: string, risk = ''): Value => {
    const made = make(kind, name, title, help + (risk && `<br />⚠ ${risk}`));
    const { write } = made;
    made.ucisection = SECTION;
    made.write = (section, value) => {
      const { data } = made.map;
      if (!data.get('tailscale-ram', SECTION)) data.add('tailscale-ram', SECTION, SECTION);
      return write.call(made, section, value);
    };
    return made;
  };
  const addFlag = (
    standard: string,
    ...words: [name: string, title: string, help: string, risk?: string]
  ): void => {
    add('Flag', ...words).default = standard;
  };
  const addZones = (
    end: 'from' | 'to',
    ...words: [name: string, title: string, help: string, risk?: string]
  ): void => {
    const other = end === 'to' ? 'from' : 'to';
    const zones = arrows
      .filter((arrow) => arrow[other] === 'tailnet' && !['router', '*'].includes(arrow[end]))
      .map((arrow) => [arrow[end], arrow.allowed] as const);
    const made = add(zones[0] ? 'Value' : 'DynamicList', ...words);
    if (zones[0]) tickZones(made, words[1], zones);
    else made.placeholder = `lan, ${NONE}`;
  };
  make = tab(_('Who reaches whom'));
  addZones(
    'from',
    'lan_to_tailnet',
    _('LAN → tailnet'),
    _('Zones of the firewall whose devices reach the tailnet.'),
    _('Its rules take them for this router.')
  );
  addZones(
    'to',
    'tailnet_to_lan',
    _('tailnet → LAN'),
    _('Zones that the tailnet reaches by approved routes.'),
    _('What is open in the LAN is open to the tailnet.')
  );
  addFlag(
    '1',
    'tailnet_to_router',
    _('tailnet → router'),
    _('LuCI, SSH and all else on the router.'),
    _('Off, you are cut off if you come by the tailnet.')
  );
  addFlag(
    '0',
    'upstream',
    _('Network in front → router and LAN'),
    _('For a router behind another one: the network between them.'),
    _('Everybody there reaches LuCI.')
  );
  make = tab(_('Exit node'));
  addZones('from', 'exit_zones', _('Used by'), _('Zones that use the exit node chosen on the page Status.'));
  addFlag('1', 'exit_router', _('By the router, too'), _('Off: what it downloads comes directly.'));
  addFlag(
    '1',
    'exit_dns',
    _('For names, too'),
    _('What the router asks name servers goes that way, unless they are the provider’s.'),
    _('Off, the provider sees the names asked for.')
  );
  addFlag(
    '0',
    'kill_switch',
    _('Kill switch'),
    _('Those zones have no way around the exit node, even while Tailscale does not run.'),
    _('Without an exit node they have no Internet.')
  );
  make = tab(_('Names'));
  addFlag(
    '1',
    'names',
    _('Names of the tailnet'),
    _('For the router and its LAN: nas.tail1234.ts.net, or just nas.')
  );
  addFlag('0', 'search_domain', _('Search domain'), _('The LAN gets the tailnet’s domain by DHCP.'));
  addFlag(
    '0',
    'tailnet_resolvers',
    _('The tailnet’s name servers'),
    _('For all other names, too, instead of the provider’s.')
  );
}

/** Whether it is allowed now. */
type Zone = readonly [name: string, allowed: boolean];

/** A box for each zone. What is ticked is what UCI has; if that is nothing, what is allowed. */
function tickZones(made: Value, title: string, zones: readonly Zone[]): void {
  let boxes: HTMLInputElement[] = [];
  made.renderWidget = (_section, _index, value) => {
    const chosen = value
      ? String(value).split(/[\s,]+/)
      : zones.filter(([, allowed]) => allowed).map(([name]) => name);
    const names = new Set([...zones.map(([name]) => name), ...chosen]);
    names.delete(NONE);
    boxes = [...names].map((name) => {
      const checked = chosen.includes(name) ? '' : null;
      const disabled = mayChange() ? null : '';
      return checkbox({ value: name, checked, disabled });
    });
    return el(
      'div',
      { role: 'group', 'aria-label': title },
      boxes.map((box) => el('div', el('label', box, ' ', el('bdi', box.value))))
    );
  };
  made.parse = (section) => {
    if (boxes.every(({ checked, defaultChecked }) => checked === defaultChecked)) return;
    const ticked = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    return made.write(section, ticked[0] ? ticked : NONE);
  };
}
