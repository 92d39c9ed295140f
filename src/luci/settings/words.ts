/** What each of Tailscale's own preferences is called, and what it does. */

import type { preferences, PreferenceName } from '../../shared/preferences.ts';

const elsewhere = _('Chosen on the page Status.');

/**
 * By group. What it risks is said of each that risks something; of the last group, which `set` does not change, why.
 */
export const groups = [
  [
    _('Name'),
    {
      hostname: [_('Name'), _('What other devices call it. Empty: the router’s host name.')],
      nickname: [_('Nickname'), _('Of this profile, here alone.')]
    }
  ],
  [
    _('Routes'),
    {
      accept_routes: [
        _('Accept routes'),
        _('Reach the subnets others offer.'),
        _('If you come from one of them another way, it cuts you off.')
      ],
      advertise_routes: [
        _('Routes offered'),
        _('Others reach them, once approved. One a line.'),
        _('Without the one you come by, you are cut off.')
      ],
      advertise_exit_node: [_('Offer as exit node'), _('Once approved; not while it uses one itself.')],
      snat_subnet_routes: [
        _('Hide senders'),
        _('Between LAN and tailnet, all has this router’s address (SNAT); off for site to site.'),
        _('Off, the devices need a route back.')
      ]
    }
  ],
  [
    _('Access'),
    {
      ssh: [
        _('Tailscale SSH'),
        _('Tailnet rules decide who logs in.'),
        _('The router’s passwords and keys do not count then.')
      ],
      shields_up: [
        _('Shields up'),
        _('No device connects to this router.'),
        _('Cuts you off if you come by the tailnet.')
      ],
      operator: [_('Operator’s name'), _('May use tailscale without being root.')],
      webclient: [_('Web client'), _('A page in the tailnet, on port 5252.')],
      remote_config: [_('Remote configuration'), _('Tailnet admins may change everything here.')]
    }
  ],
  [
    _('Tags'),
    {
      advertise_tags: [
        _('Tags'),
        _('Then it belongs to no user. One a line: tag:router.'),
        _('One that is not allowed can log it out.')
      ]
    }
  ],
  [
    _('Advanced'),
    {
      advertise_connector: [_('App connector'), _('Others reach chosen apps through it.')],
      relay_server_port: [_('Relay port'), _('UDP, to relay others; 0: any. Empty: off.')],
      relay_server_static_endpoints: [
        _('Relay addresses'),
        _('If others do not find them: 203.0.113.1:40000.')
      ],
      report_posture: [_('Device posture'), _('Tells the tailnet serial numbers.')],
      stateful_filtering: [_('Stateful filtering'), _('Without effect: the router’s firewall filters.')],
      sync: [_('Follow the tailnet'), _('Off for tests alone.'), _('Off, it misses new devices and rules.')],
      update_check: [_('Look for updates'), _('As Tailscale does itself.')]
    }
  ],
  [
    _('Decided by the router'),
    {
      accept_dns: [_('Tailnet’s DNS'), _('The router’s name server uses it.')],
      netfilter_mode: [_('Tailscale’s firewall'), _('The router has its own.')],
      auto_update: [_('Update itself'), _('Nobody verifies it; see Updates.')],
      exit_node_allow_lan_access: [
        _('LAN beside an exit node'),
        _('On with an exit node, else the LAN is lost.')
      ],
      exit_node: [_('Exit node'), elsewhere],
      login_server: [_('Login server'), elsewhere]
    }
  ]
] as const satisfies readonly (readonly [title: string, Partial<AllWords>])[];

export type Words = readonly [label: string, help: string, risk?: string];
type AllWords = { readonly [Name in PreferenceName]: WordsOf<(typeof preferences)[Name]> };
type WordsOf<Preference> = Preference extends { fixed: unknown } | { method: unknown }
  ? readonly [label: string, why: string]
  : readonly [label: string, help: string, ...Risk<Preference>];
type Risk<Preference> = Preference extends { risk: true } ? [risk: string] : [];

/** It does not compile if one is forgotten. */
export type Complete<Forgotten extends never = Exclude<PreferenceName, KeyOf<(typeof groups)[number][1]>>> =
  Forgotten;
type KeyOf<Group> = Group extends unknown ? keyof Group : never;
