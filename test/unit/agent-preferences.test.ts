import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { flavours, idlePreferences, isFlavour } from '../../mirror/tags.ts';
import { preferences } from '../../src/shared/preferences.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { agentModules } from '../support/agent-modules.ts';
import { bytes, megabyte, raw, reviving, show, type Checked } from '../support/revived.ts';

const test = suite('agent: preferences');
const { latest } = testVersions;

/** As tailscaled 1.102.5 answers before anybody has changed anything, but for the router's policy. */
const prefs = {
  ControlURL: '',
  RouteAll: false,
  ExitNodeID: '',
  ExitNodeIP: '',
  InternalExitNodePrior: '',
  ExitNodeAllowLANAccess: false,
  CorpDNS: false,
  RunSSH: false,
  RunWebClient: false,
  WantRunning: false,
  LoggedOut: false,
  ShieldsUp: false,
  AdvertiseTags: null,
  Hostname: '',
  NotepadURLs: false,
  AdvertiseRoutes: null,
  AdvertiseServices: null,
  Sync: null,
  NoSNAT: false,
  NoStatefulFiltering: true,
  NetfilterMode: 0,
  AutoUpdate: { Check: true, Apply: null },
  AppConnector: { Advertise: false },
  PostureChecking: false,
  NetfilterKind: '',
  RemoteConfig: false,
  DriveShares: null,
  Config: null
};
const exitNode = { ...prefs, ExitNodeID: 'nExit', ExitNodeAllowLANAccess: true };
const taken = {
  AdvertiseRoutes: ['10.0.0.0/8', '2001:db8::/32', '0.0.0.0/0', '::/0'],
  AdvertiseRoutesSet: true,
  AppConnector: { Advertise: true },
  AppConnectorSet: true,
  AutoUpdate: { Check: false },
  AutoUpdateSet: { CheckSet: true },
  Hostname: 'attic',
  HostnameSet: true,
  NoSNAT: true,
  NoSNATSet: true,
  RelayServerPort: 0,
  RelayServerPortSet: true
};
const offering = { ...prefs, AdvertiseRoutes: ['192.168.1.0/24', '0.0.0.0/0', '::/0'] };

/** What each change sends to a daemon with these preferences. */
const patches: [title: string, prefs: object, changes: object, plan: object][] = [
  ['nothing', prefs, {}, { patch: {}, risk: false }],
  [
    'nothing that is so already',
    prefs,
    {
      ssh: false,
      hostname: '',
      advertise_tags: [],
      relay_server_port: null,
      update_check: true,
      sync: true,
      stateful_filtering: false,
      snat_subnet_routes: true,
      nickname: '',
      accept_dns: false,
      netfilter_mode: 'off',
      auto_update: false,
      exit_node_allow_lan_access: false,
      exit_node: '',
      login_server: ''
    },
    { patch: {}, risk: false }
  ],
  [
    'the policy against an exit node',
    prefs,
    { exit_node_allow_lan_access: true },
    { patch: { ExitNodeAllowLANAccess: true, ExitNodeAllowLANAccessSet: true }, risk: false }
  ],
  [
    'switches',
    prefs,
    { ssh: true, webclient: true, report_posture: true },
    {
      patch: {
        RunSSH: true,
        RunSSHSet: true,
        RunWebClient: true,
        RunWebClientSet: true,
        PostureChecking: true,
        PostureCheckingSet: true
      },
      risk: true
    }
  ],
  [
    'switches that are the other way round',
    prefs,
    { snat_subnet_routes: false, stateful_filtering: true },
    {
      patch: { NoSNAT: true, NoSNATSet: true, NoStatefulFiltering: false, NoStatefulFilteringSet: true },
      risk: true
    }
  ],
  [
    'fields of fields',
    { ...prefs, AutoUpdate: { Check: true, Apply: true } },
    { update_check: false, auto_update: false, advertise_connector: true },
    {
      patch: {
        AutoUpdate: { Check: false, Apply: false },
        AutoUpdateSet: { CheckSet: true, ApplySet: true },
        AppConnector: { Advertise: true },
        AppConnectorSet: true
      },
      risk: false
    }
  ],
  [
    'texts',
    prefs,
    { hostname: 'attic', operator: 'anna', nickname: 'Büro "2"' },
    {
      patch: {
        Hostname: 'attic',
        HostnameSet: true,
        OperatorUser: 'anna',
        OperatorUserSet: true,
        ProfileName: 'Büro "2"',
        ProfileNameSet: true
      },
      risk: false
    }
  ],
  [
    'texts emptied',
    { ...prefs, Hostname: 'attic', OperatorUser: 'anna', ProfileName: 'x' },
    { hostname: '', operator: '', nickname: '' },
    {
      patch: {
        Hostname: '',
        HostnameSet: true,
        OperatorUser: '',
        OperatorUserSet: true,
        ProfileName: '',
        ProfileNameSet: true
      },
      risk: false
    }
  ],
  [
    'tags, each once',
    prefs,
    { advertise_tags: ['tag:b', 'tag:a', 'tag:b'] },
    { patch: { AdvertiseTags: ['tag:a', 'tag:b'], AdvertiseTagsSet: true }, risk: true }
  ],
  [
    'the same tags in another order',
    { ...prefs, AdvertiseTags: ['tag:b', 'tag:a'] },
    { advertise_tags: ['tag:b', 'tag:a', 'tag:b'] },
    { patch: {}, risk: false }
  ],
  [
    'a port',
    prefs,
    { relay_server_port: 0, relay_server_static_endpoints: ['[2001:DB8::1]:40000', '192.0.2.1:40000'] },
    {
      patch: {
        RelayServerPort: 0,
        RelayServerPortSet: true,
        RelayServerStaticEndpoints: ['192.0.2.1:40000', '[2001:db8::1]:40000'],
        RelayServerStaticEndpointsSet: true
      },
      risk: false
    }
  ],
  [
    'no port any more',
    { ...prefs, RelayServerPort: 0, RelayServerStaticEndpoints: ['192.0.2.1:40000'] },
    { relay_server_port: null, relay_server_static_endpoints: [] },
    {
      patch: {
        RelayServerPort: null,
        RelayServerPortSet: true,
        RelayServerStaticEndpoints: [],
        RelayServerStaticEndpointsSet: true
      },
      risk: false
    }
  ],
  [
    'routes, in their normal form',
    prefs,
    { advertise_routes: ['2001:DB8:0::/48', '192.168.1.0/24', '2001:db8::/48', '10.0.0.0/8'] },
    {
      patch: { AdvertiseRoutes: ['10.0.0.0/8', '192.168.1.0/24', '2001:db8::/48'], AdvertiseRoutesSet: true },
      risk: true
    }
  ],
  [
    'routes, while it offers an exit node',
    offering,
    { advertise_routes: ['10.0.0.0/8'] },
    { patch: { AdvertiseRoutes: ['10.0.0.0/8', '0.0.0.0/0', '::/0'], AdvertiseRoutesSet: true }, risk: true }
  ],
  [
    'an exit node, while it offers routes',
    { ...prefs, AdvertiseRoutes: ['192.168.1.0/24'] },
    { advertise_exit_node: true },
    {
      patch: { AdvertiseRoutes: ['192.168.1.0/24', '0.0.0.0/0', '::/0'], AdvertiseRoutesSet: true },
      risk: false
    }
  ],
  [
    'an exit node no more',
    offering,
    { advertise_exit_node: false },
    { patch: { AdvertiseRoutes: ['192.168.1.0/24'], AdvertiseRoutesSet: true }, risk: false }
  ],
  [
    'both',
    offering,
    { advertise_exit_node: false, advertise_routes: [] },
    { patch: { AdvertiseRoutes: [], AdvertiseRoutesSet: true }, risk: true }
  ],
  [
    'one default route is no exit node',
    { ...prefs, AdvertiseRoutes: ['0.0.0.0/0'] },
    { advertise_exit_node: true },
    { patch: { AdvertiseRoutes: ['0.0.0.0/0', '::/0'], AdvertiseRoutesSet: true }, risk: false }
  ],
  [
    'what the command line set against the policy',
    { ...prefs, CorpDNS: true, NetfilterMode: 2 },
    { accept_dns: false, netfilter_mode: 'off' },
    { patch: { CorpDNS: false, CorpDNSSet: true, NetfilterMode: 0, NetfilterModeSet: true }, risk: false }
  ]
];

/** What is asked, the error, and of which preferences and which version. */
const refused: [changes: unknown, error: object, prefs?: object, version?: string][] = [
  [null, { code: 'wrong-type' }],
  ['ssh', { code: 'wrong-type' }],
  [['ssh'], { code: 'wrong-type' }],
  [{ shh: true }, { code: 'unknown-preference', field: 'shh' }],
  [{ RunSSH: true }, { code: 'unknown-preference', field: 'RunSSH' }],
  [{ '': true }, { code: 'unknown-preference', field: '' }],
  [raw('{"__proto__":true}'), { code: 'unknown-preference', field: '__proto__' }],
  [{ constructor: true }, { code: 'unknown-preference', field: 'constructor' }],
  [{ [megabyte]: true }, { code: 'unknown-preference', field: 'a'.repeat(64) }],
  [{ exit_node: 'nExit' }, { code: 'policy', field: 'exit_node' }],
  [{ login_server: 'https://example.org' }, { code: 'policy', field: 'login_server' }],
  [{ accept_dns: true }, { code: 'policy', field: 'accept_dns' }],
  [{ netfilter_mode: 'on' }, { code: 'policy', field: 'netfilter_mode' }],
  [{ netfilter_mode: 9 }, { code: 'wrong-type', field: 'netfilter_mode' }],
  [{ auto_update: true }, { code: 'policy', field: 'auto_update' }],
  [{ exit_node_allow_lan_access: false }, { code: 'policy', field: 'exit_node_allow_lan_access' }, exitNode],
  [{ remote_config: true }, { code: 'unsupported', field: 'remote_config' }, prefs, '1.98.10'],
  [{ sync: false }, { code: 'unsupported', field: 'sync' }, prefs, ''],
  [{ ssh: true }, { code: 'unsupported', field: 'ssh' }, prefs, '1.102.5 compact.'],
  ...[0, 1, 'true', '', null, [], {}, 1.5, megabyte].map(
    (value) => [{ ssh: value }, { code: 'wrong-type', field: 'ssh' }] as [unknown, object]
  ),
  ...['0', '', true, [], 1.5, megabyte].map(
    (value) =>
      [{ relay_server_port: value }, { code: 'wrong-type', field: 'relay_server_port' }] as [unknown, object]
  ),
  ...[-1, 65536, raw('9223372036854775807'), raw('-9223372036854775808'), raw('18446744073709551615')].map(
    (value) =>
      [{ relay_server_port: value }, { code: 'out-of-range', field: 'relay_server_port' }] as [
        unknown,
        object
      ]
  ),
  ...['tag:a', {}, null, true].map(
    (value) =>
      [{ advertise_tags: value }, { code: 'wrong-type', field: 'advertise_tags' }] as [unknown, object]
  ),
  [{ advertise_tags: ['tag:a', null] }, { code: 'wrong-type', field: 'advertise_tags', position: 1 }],
  [{ advertise_tags: ['tag:a', 'b'] }, { code: 'not-a-tag', field: 'advertise_tags', position: 1 }],
  [{ advertise_tags: Array(257).fill('tag:a') }, { code: 'too-many', field: 'advertise_tags' }],
  [
    { advertise_routes: ['10.0.0.0/8', '192.168.1.1/24'] },
    { code: 'host-bits', field: 'advertise_routes', position: 1, corrected: '192.168.1.0/24' }
  ],
  [
    { advertise_routes: ['0.0.0.0/0', '::/0'] },
    { code: 'default-route', field: 'advertise_routes', position: 0 }
  ],
  [{ advertise_routes: ['0::/0'] }, { code: 'default-route', field: 'advertise_routes', position: 0 }],
  [{ advertise_routes: [['10.0.0.0/8']] }, { code: 'wrong-type', field: 'advertise_routes', position: 0 }],
  [
    { relay_server_static_endpoints: ['example.org:1'] },
    { code: 'not-an-endpoint', field: 'relay_server_static_endpoints', position: 0 }
  ],
  [{ hostname: null }, { code: 'wrong-type', field: 'hostname' }],
  [{ hostname: 'a b' }, { code: 'not-a-host-name', field: 'hostname' }],
  [{ hostname: bytes('6100') }, { code: 'not-a-host-name', field: 'hostname' }],
  [{ hostname: megabyte }, { code: 'too-long', field: 'hostname' }],
  [{ nickname: 'a\nb' }, { code: 'invalid-text', field: 'nickname' }],
  [{ nickname: bytes('ff') }, { code: 'invalid-text', field: 'nickname' }],
  [{ operator: '$(id)' }, { code: 'not-a-user-name', field: 'operator' }],
  [{ advertise_exit_node: true }, { code: 'conflict', field: 'advertise_exit_node' }, exitNode],
  [
    { advertise_exit_node: true },
    { code: 'conflict', field: 'advertise_exit_node' },
    { ...prefs, AutoExitNode: 'any' }
  ],
  [
    { advertise_exit_node: true },
    { code: 'conflict', field: 'advertise_exit_node' },
    { ...prefs, ExitNodeIP: '100.64.0.2' }
  ]
];

/** What the other functions return. */
const others: [title: string, call: string, given: unknown[], returns: unknown][] = [
  [
    'the values of a new daemon',
    'toPreferences',
    [prefs],
    {
      accept_dns: false,
      accept_routes: false,
      advertise_connector: false,
      advertise_exit_node: false,
      advertise_routes: [],
      advertise_tags: [],
      auto_update: false,
      exit_node: '',
      exit_node_allow_lan_access: false,
      hostname: '',
      login_server: '',
      netfilter_mode: 'off',
      nickname: '',
      operator: '',
      relay_server_port: null,
      relay_server_static_endpoints: [],
      remote_config: false,
      report_posture: false,
      shields_up: false,
      snat_subnet_routes: true,
      ssh: false,
      stateful_filtering: false,
      sync: true,
      update_check: true,
      webclient: false
    }
  ],
  ['a daemon took everything', 'differences', [taken, { ...prefs, ...taken }], []],
  [
    'a list in another order is the same',
    'differences',
    [taken, { ...prefs, ...taken, AdvertiseRoutes: ['::/0', '2001:db8::/32', '0.0.0.0/0', '10.0.0.0/8'] }],
    []
  ],
  [
    'a daemon took nothing',
    'differences',
    [taken, prefs],
    [
      'advertise_connector',
      'advertise_exit_node',
      'advertise_routes',
      'hostname',
      'relay_server_port',
      'snat_subnet_routes',
      'update_check'
    ]
  ],
  [
    'a daemon took some',
    'differences',
    [taken, { ...prefs, ...taken, NoSNAT: false, AutoUpdate: { Check: true, Apply: null } }],
    ['snat_subnet_routes', 'update_check']
  ],
  ['nothing is in use that no compact build has', 'beyondCompact', [{ ...prefs, RunSSH: true }], []],
  [
    'some is',
    'beyondCompact',
    [{ ...prefs, RunWebClient: true, AppConnector: { Advertise: true }, RelayServerPort: 0 }],
    ['advertise_connector', 'relay_server_port', 'webclient']
  ],
  ['nothing to put right', 'policyPatch', [prefs], null],
  ['nothing to put right with an exit node', 'policyPatch', [exitNode], null],
  [
    'what `tailscale up` set on the command line',
    'policyPatch',
    [{ ...prefs, CorpDNS: true, NetfilterMode: 2 }],
    { CorpDNS: false, CorpDNSSet: true, NetfilterMode: 0, NetfilterModeSet: true }
  ],
  [
    'updates by tailscaled itself',
    'policyPatch',
    [{ ...prefs, AutoUpdate: { Check: true, Apply: true } }],
    { AutoUpdate: { Apply: false }, AutoUpdateSet: { ApplySet: true } }
  ],
  [
    'an exit node without the LAN',
    'policyPatch',
    [{ ...exitNode, ExitNodeAllowLANAccess: false }],
    { ExitNodeAllowLANAccess: true, ExitNodeAllowLANAccessSet: true }
  ]
];

/** Value, default, supported, risk, fixed: with SSH on, by a daemon of 1.98.10. */
const described: Record<string, unknown[]> = {
  advertise_routes: [[], [], true, true, false],
  exit_node: ['', '', true, true, true],
  netfilter_mode: ['off', 'off', true, false, true],
  relay_server_port: [null, null, true, false, false],
  remote_config: [false, false, false, false, false],
  snat_subnet_routes: [true, true, true, true, false],
  ssh: [true, false, true, true, false],
  sync: [true, true, true, true, false]
};

for (const agent of await agentModules('preferences', reviving(['plan']))) {
  test(`a change is the patch that it takes, and a risk or not (${agent.release})`, () => {
    const calls = patches.map(([, now, changes]) => [changes, now, latest]);
    for (const [i, result] of agent.each('planRevived', calls).entries())
      assert.equal(result, patches[i]?.[3], patches[i]?.[0]);
  });

  test(`what is wrong is told, and nothing is sent (${agent.release})`, () => {
    const calls = refused.map(([changes, , now = prefs, version = latest]) => [changes, now, version]);
    for (const [i, result] of (agent.each('planRevived', calls) as Checked[]).entries()) {
      const { detail, ...error } = result.error ?? {};
      assert.equal(error, refused[i]?.[1], show(calls[i]));
      assert.ok(detail, show(calls[i]));
      assert.equal(Object.keys(result), ['error']);
    }
  });

  test(`one thing wrong among many is enough (${agent.release})`, () => {
    const right = { hostname: 'attic', webclient: true };
    const wrong = { shields_up: 'yes' };
    for (const changes of [
      { ...right, ...wrong },
      { ...wrong, ...right }
    ]) {
      const result = agent.call('plan', changes, prefs, latest) as Checked;
      assert.is(result.error?.field, 'shields_up');
      assert.equal(Object.keys(result), ['error']);
    }
  });

  for (const [title, name, given, returns] of others) {
    test(`${title}: ${name} (${agent.release})`, () => {
      assert.equal(agent.call(name, ...given), returns);
    });
  }

  test(`every preference is described (${agent.release})`, () => {
    const states = agent.call('describe', { ...prefs, RunSSH: true }, '1.98.10') as Record<string, object>;
    assert.equal(Object.keys(states), Object.keys(preferences));
    for (const [name, [value, initial, supported, risk, fixed]] of Object.entries(described))
      assert.equal(states[name], { value, default: initial, supported, risk, fixed }, name);
  });

  for (const build of ['official', ...Object.keys(flavours)]) {
    test(`what a build lacks can be seen, not changed: ${build} (${agent.release})`, () => {
      const running = `${latest} ${build}.`;
      const states = agent.call('describe', prefs, running) as Record<string, { supported: boolean }>;
      const lacking = Object.keys(states).filter((name) => states[name]?.supported !== true);
      assert.equal(lacking.sort(), isFlavour(build) ? idlePreferences(build) : []);
    });
  }
}

test.run();
