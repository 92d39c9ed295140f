/**
 * Every preference that `tailscale up` and `tailscale set` have on Linux, by the name of its flag with `_` for `-`:
 * what it is called in LocalAPI, what it holds, and who may change it.
 */
export const preferences = {
  accept_dns: { pref: 'CorpDNS', fixed: false },
  accept_routes: { pref: 'RouteAll', risk: true },
  advertise_connector: { pref: 'AppConnector.Advertise', since: '1.54', lacks: ' compact' },
  // The two default routes among AdvertiseRoutes; the other one is what else is in there.
  advertise_exit_node: { pref: 'AdvertiseRoutes' },
  advertise_routes: { pref: 'AdvertiseRoutes', kind: 'list', check: 'route', risk: true },
  advertise_tags: { pref: 'AdvertiseTags', kind: 'list', check: 'tag', risk: true },
  // It would put a binary that nobody has verified in the place of the one in RAM.
  auto_update: { pref: 'AutoUpdate.Apply', fixed: false },
  exit_node: { pref: 'ExitNodeID', kind: 'text', method: 'exit_node', risk: true },
  // Without it, an exit node takes the LAN's own prefixes into the tunnel.
  exit_node_allow_lan_access: { pref: 'ExitNodeAllowLANAccess', fixed: true },
  hostname: { pref: 'Hostname', kind: 'text', check: 'hostName' },
  login_server: { pref: 'ControlURL', kind: 'text', method: 'login', risk: true },
  netfilter_mode: { pref: 'NetfilterMode', kind: 'text', values: ['off', 'nodivert', 'on'], fixed: 'off' },
  nickname: { pref: 'ProfileName', kind: 'text', check: 'label' },
  operator: { pref: 'OperatorUser', kind: 'text', check: 'userName' },
  relay_server_port: { pref: 'RelayServerPort', kind: 'port', since: '1.84', lacks: ' compact' },
  relay_server_static_endpoints: {
    pref: 'RelayServerStaticEndpoints',
    kind: 'list',
    check: 'endpoint',
    since: '1.92',
    lacks: ' compact'
  },
  remote_config: { pref: 'RemoteConfig', since: '1.102', lacks: ' compact' },
  report_posture: { pref: 'PostureChecking', since: '1.52', lacks: ' compact' },
  shields_up: { pref: 'ShieldsUp', risk: true },
  snat_subnet_routes: { pref: 'NoSNAT', inverted: true, default: true, risk: true },
  ssh: { pref: 'RunSSH', risk: true, lacks: ' compact.' },
  stateful_filtering: { pref: 'NoStatefulFiltering', inverted: true, since: '1.66' },
  sync: { pref: 'Sync', default: true, since: '1.92', risk: true },
  update_check: { pref: 'AutoUpdate.Check', default: true, since: '1.50' },
  webclient: { pref: 'RunWebClient', since: '1.54', lacks: ' compact' }
} as const satisfies Record<string, Preference>;

export interface Preference {
  /** Its name in LocalAPI's preferences; `A.B` is a field of a field. */
  pref: string;
  /** A switch, if this is missing. */
  kind?: keyof PreferenceKinds;
  /** What LocalAPI has is the opposite. */
  inverted?: true;
  /** Of a text: LocalAPI has its place in this list. */
  values?: readonly string[];
  /** How a text, or each element of a list, is checked. */
  check?: 'route' | 'tag' | 'hostName' | 'label' | 'userName' | 'endpoint';
  /** What it is unless somebody changes it: off, empty or null, if this is missing. */
  default?: true;
  /** The router's policy: nothing else is accepted, and what others set is put right. */
  fixed?: boolean | string;
  /** The method of the agent that changes it; `set` does not. */
  method?: 'exit_node' | 'login';
  /** A change can cut off the person who asks for it: it is undone unless it is confirmed. */
  risk?: true;
  /** The first version of tailscaled that has it; any, if this is missing. */
  since?: string;
  /** It does nothing in a build of which this is in ` BUILD.`; in none, if this is missing (mirror/tags.ts). */
  lacks?: string;
}

/** What the agent takes and gives for each kind. A port is null while there is none, and 0 for any that is free. */
export interface PreferenceKinds {
  switch: boolean;
  text: string;
  list: string[];
  port: number | null;
}

export type PreferenceName = keyof typeof preferences;
export type PreferenceValue = PreferenceKinds[keyof PreferenceKinds];
export type PreferenceValues = {
  [Name in PreferenceName]: (typeof preferences)[Name] extends {
    kind: infer Kind extends keyof PreferenceKinds;
  }
    ? PreferenceKinds[Kind]
    : boolean;
};

/** How a preference stands, as the agent's `settings` tells. */
export interface PreferenceState {
  value: PreferenceValue;
  default: PreferenceValue;
  /** Whether the tailscaled that runs has it. */
  supported: boolean;
  risk: boolean;
  /** `set` does not change it: it is the router's policy, or there is a method for it. */
  fixed: boolean;
}
