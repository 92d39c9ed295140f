import type { PreferenceName } from '../src/shared/preferences.ts';

/**
 * What a compact build leaves out of Tailscale: features that have a build tag `ts_omit_NAME` (Tailscale's
 * feature/featuretags). Whatever is not named here stays in, also what a newer version brings.
 */

/** A feature that is left out. */
export interface LeftOut {
  /** What the user loses. */
  loses: string;
  /** Bytes of the binary on mipsle, with those before it already left out; absent below 0.05 MB or unmeasured. */
  saves?: number;
  /** LocalAPI's paths that answer 404 then, behind `/localapi/v0/`. */
  paths?: readonly string[];
  /** Preferences that tailscaled then takes, and does nothing about. */
  preferences?: readonly PreferenceName[];
}

export const leftOut: Readonly<Record<string, LeftOut>> = {
  // Large ones first.
  systray: { loses: 'an icon on a desktop', saves: 7_670_000 },
  webclient: {
    loses: "Tailscale's own web page (port 5252); LuCI's pages stay",
    saves: 850_000,
    preferences: ['webclient']
  },
  serve: {
    loses: 'Serve and Funnel: publishing a local service',
    saves: 1_640_000,
    paths: ['serve-config', 'query-feature']
  },
  ssh: { loses: 'Tailscale SSH; `compact-ssh` has it', saves: 1_700_000, preferences: ['ssh'] },
  debug: {
    loses: '`tailscale debug` and `bugreport`, the check of one relay, rebinding without a restart',
    saves: 1_570_000,
    paths: [
      'debug',
      'debug-derp-region',
      'bugreport',
      'pprof',
      'component-debug-logging',
      'debug-log',
      'debug-dial-types',
      'debug-packet-filter-rules',
      'debug-packet-filter-matches',
      'debug-peer-endpoint-changes',
      'debug-optional-features',
      'debug-rotate-disco-key',
      'dev-set-state-store',
      'id-token',
      'alpha-set-device-attrs',
      'handle-push-message',
      'set-push-device-token',
      'set-gui-visible'
    ]
  },
  drive: {
    loses: 'Taildrive: folders shared in the tailnet',
    saves: 980_000,
    paths: ['drive/shares', 'drive/fileserver-address']
  },
  flashappliance: { loses: 'a command that writes appliance images', saves: 850_000 },
  clientupdate: {
    loses: '`tailscale update`; here an update is a new build from the mirror',
    saves: 520_000,
    paths: ['update/check', 'update/install', 'update/progress']
  },
  kube: { loses: 'Kubernetes integration', saves: 390_000 },
  qrcodes: { loses: '`tailscale up --qr`; LuCI draws its own', saves: 200_000 },
  iptables: { loses: 'firewalls of iptables; OpenWrt has nftables', saves: 70_000 },
  cachenetmap: { loses: 'the last netmap on disk, for a start without the control server', saves: 70_000 },

  // What a router has no use for.
  ace: { loses: 'a way to the control server through a given relay' },
  aws: { loses: "state in Amazon's cloud" },
  bird: { loses: 'routes given to BIRD' },
  capture: { loses: '`tailscale debug capture`', paths: ['debug-capture'] },
  captiveportal: { loses: "the warning of a hotel's login page" },
  cliconndiag: { loses: 'advice of the command line when the daemon does not answer' },
  clientmetrics: { loses: 'metrics that Tailscale collects', paths: ['metrics', 'upload-client-metrics'] },
  cloud: { loses: 'the addresses that a cloud gave to its instance' },
  colorable: { loses: 'colours on old Windows terminals' },
  completion: { loses: 'completion in shells' },
  completion_scripts: { loses: 'completion in shells' },
  dbus: { loses: 'D-Bus, which OpenWrt does without' },
  debugeventbus: {
    loses: 'a view into the event bus',
    paths: ['debug-bus-events', 'debug-bus-graph', 'debug-bus-queues']
  },
  debugportmapper: { loses: '`tailscale debug portmap`', paths: ['debug-portmap'] },
  desktop_sessions: { loses: 'who is logged in at a desktop' },
  doctor: { loses: 'checks that only the log shows' },
  hujsonconf: { loses: 'comments in a file for `tailscaled --config`' },
  linkspeed: { loses: 'the speed that desktops show of the tunnel' },
  linuxdnsfight: { loses: 'the warning that others write /etc/resolv.conf' },
  listenrawdisco: { loses: 'an experiment that is off unless asked for' },
  netlog: { loses: "network flow logs for the tailnet's admin" },
  networkmanager: { loses: 'NetworkManager, which OpenWrt does without' },
  portlist: { loses: 'the list of open ports in the admin console' },
  resolved: { loses: 'systemd-resolved, which OpenWrt does without' },
  routecheck: { loses: 'probing of routers that offer the same route', paths: ['routecheck'] },
  runtimemetrics: { loses: 'metrics of the Go runtime' },
  sdnotify: { loses: 'messages to systemd' },
  serviceclientprefs: { loses: 'preferences of desktop clients', paths: ['prefs/service-clients'] },
  synology: { loses: "Synology's devices" },
  syslog: { loses: '`tailscaled --syslog`; procd keeps the log' },
  syspolicy: { loses: 'policies of a managed desktop', paths: ['policy/'] },
  tap: { loses: 'an experimental Ethernet tunnel' },
  tpm: { loses: 'state sealed by a TPM' },
  tundevstats: { loses: 'counters of the tunnel in the log' },
  wakeonlan: { loses: '`tailscale wake`: waking machines through a peer' },
  webbrowser: { loses: 'opening the login page in a browser of the router' },

  // What somebody may miss.
  acme: {
    loses: 'certificates for its name (`tailscale cert`)',
    paths: ['cert/', 'set-dns']
  },
  appconnectors: {
    loses: 'being an app connector',
    paths: ['appc-route-info'],
    preferences: ['advertise_connector']
  },
  conn25: { loses: 'the next generation of app connectors', paths: ['conn25/state'] },
  identityfederation: { loses: "logging in by the identity of a cloud's workload" },
  oauthkey: { loses: 'logging in with an OAuth secret in place of an auth key' },
  posture: { loses: 'device posture: reporting the serial number', preferences: ['report_posture'] },
  relayserver: {
    loses: 'being a peer relay',
    paths: ['debug-peer-relay-sessions'],
    preferences: ['relay_server_port', 'relay_server_static_endpoints']
  },
  remoteconfig: { loses: "settings that the tailnet's admin changes", preferences: ['remote_config'] }
};

/** The kinds of build that a mirror has. */
export const flavours = {
  compact: { leftOut: Object.keys(leftOut) },
  'compact-ssh': { leftOut: Object.keys(leftOut).filter((feature) => feature !== 'ssh') }
} as const satisfies Record<string, { leftOut: readonly string[] }>;

export type Flavour = keyof typeof flavours;

export function isFlavour(name: string): name is Flavour {
  return Object.hasOwn(flavours, name);
}

/** The value of Go's `-tags`: one binary that is daemon and command line, without what the flavour leaves out. */
export function buildTags(flavour: Flavour): string {
  // Go's own look-up of users and names, as without cgo.
  const always = ['osusergo', 'netgo', 'ts_include_cli'];
  return [...always, ...flavours[flavour].leftOut.map((feature) => `ts_omit_${feature}`)].join(',');
}

/** LocalAPI's paths that a flavour answers with 404, sorted. */
export function missingPaths(flavour: Flavour): string[] {
  return flavours[flavour].leftOut.flatMap((feature) => leftOut[feature]?.paths ?? []).sort();
}

/** Preferences that have no effect in a flavour, sorted. */
export function idlePreferences(flavour: Flavour): PreferenceName[] {
  return flavours[flavour].leftOut.flatMap((feature) => leftOut[feature]?.preferences ?? []).sort();
}
