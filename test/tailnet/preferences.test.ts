import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tailscaleBinaries } from '../../dev/setup/go.ts';
import { callLocalApi } from '../../dev/tailnet/localapi.ts';
import { Internet } from '../../dev/tailnet/namespaces.ts';
import { TailnetNode } from '../../dev/tailnet/node.ts';
import { commands } from '../../src/shared/preference-commands.ts';
import { preferences, type Preference, type PreferenceValue } from '../../src/shared/preferences.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { agentModules } from '../support/agent-modules.ts';

type Prefs = Record<string, unknown>;
type Values = Record<string, PreferenceValue>;

const test = suite('tailnet: preferences');
const { latest, older } = testVersions;
const table: Readonly<Record<string, Preference>> = preferences;
// A real ucode, where there is one.
const agent = (await agentModules('preferences')).at(-1);
const internet = await Internet.open();
process.env['TMPDIR'] = '/run';
const { cli } = await startDaemon(latest);
const fresh = await read(latest);

test.after(() => internet.close());

/** For each preference that `set` changes, what it is not by itself. */
const changes: Values = {
  accept_routes: true,
  advertise_connector: true,
  advertise_exit_node: true,
  advertise_routes: ['10.0.0.0/8', '2001:db8::/48', 'fd7a:115c:a1e0:b1a:0:7:a01:100/120'],
  advertise_tags: ['tag:a', 'tag:b'],
  hostname: 'attic',
  nickname: 'Büro "2" $(id)',
  operator: 'anna',
  relay_server_port: 0,
  relay_server_static_endpoints: ['192.0.2.1:40000', '[2001:db8::1]:40000'],
  remote_config: true,
  report_posture: true,
  shields_up: true,
  snat_subnet_routes: false,
  ssh: true,
  stateful_filtering: true,
  sync: false,
  update_check: false,
  webclient: true
};
/** Flags that neither command's help tells. */
const hidden = ['remote-config', 'sync'];

test('every preference that `set` changes is tried here', () => {
  const settable = Object.entries(table).filter(([, { fixed, method }]) => fixed === undefined && !method);
  assert.equal(
    Object.keys(changes),
    settable.map(([name]) => name)
  );
});

test('the table has every flag of `tailscale up` and `set`, and none that they lack', async () => {
  const ofUp = ['audience', 'auth-key', 'client-id', 'client-secret', 'force-reauth', 'id-token'];
  ofUp.push('json', 'qr', 'qr-format', 'reset', 'timeout');
  assert.equal(await flagsOf('up'), [...flagsInTable('up'), ...ofUp, 'accept-risk'].sort());
  assert.equal([...(await flagsOf('set')), ...hidden].sort(), [...flagsInTable('set'), 'accept-risk'].sort());
});

test('it has every field of LocalAPI that has a flag', () => {
  const others = ['AdvertiseServices', 'Config', 'DriveShares', 'ExitNodeIP', 'InternalExitNodePrior'];
  others.push('LoggedOut', 'NetfilterKind', 'NotepadURLs', 'WantRunning');
  const known = [...Object.values(table).map(({ pref }) => pref.split('.')[0]), ...others];
  assert.equal(
    Object.keys(fresh).filter((field) => !known.includes(field)),
    []
  );
});

const call = (name: string, ...args: unknown[]) => agent?.call(name, ...args);
const valuesOf = (prefs: Prefs) => call('toPreferences', prefs) as Values;
const change = async (version: string, wanted: Values): Promise<Prefs> => {
  const { patch } = call('plan', wanted, await read(version), version) as { patch: Prefs };
  await write(version, patch);
  return patch;
};

test('each change is taken, and read back as it was asked for', async () => {
  for (const [name, value] of Object.entries(changes)) {
    const patch = await change(latest, { [name]: value });
    const after = await read(latest);
    assert.equal(valuesOf(after)[name], value, name);
    assert.equal(call('differences', patch, after), [], name);
  }
});

test('so are all at once, back and again, and `tailscale get` tells the same', async () => {
  const before = valuesOf(fresh);
  for (const wanted of [before, { ...before, ...changes }]) {
    await change(latest, wanted);
    const values = valuesOf(await read(latest));
    assert.equal(values, wanted);
    const told = flagsInTable('set').filter((flag) => !hidden.includes(flag));
    assert.equal(
      JSON.parse(await cli.succeed('get', '--json')),
      Object.fromEntries(told.map((flag) => [flag, asTold(values[flag.replaceAll('-', '_')])]))
    );
  }
});

test('the policy is put right, with an exit node that of the LAN too', async () => {
  await change(latest, { advertise_exit_node: false });
  await write(latest, { ExitNodeID: 'nExit', ExitNodeIDSet: true });
  const patch = call('policyPatch', await read(latest)) as Prefs;
  assert.equal(Object.keys(patch).sort(), [
    'CorpDNS',
    'CorpDNSSet',
    'ExitNodeAllowLANAccess',
    'ExitNodeAllowLANAccessSet',
    'NetfilterMode',
    'NetfilterModeSet'
  ]);
  await write(latest, patch);
  const after = await read(latest);
  assert.is(call('policyPatch', after), null);
  assert.equal([after['CorpDNS'], after['NetfilterMode'], after['ExitNodeAllowLANAccess']], [false, 0, true]);
});

test(`${older} takes all that it has, and swallows what it lacks`, async () => {
  await startDaemon(older);
  const { remote_config, ...others } = changes;
  const patch = await change(older, others);
  assert.equal(call('differences', patch, await read(older)), []);
  const wanted = { remote_config };
  const prefs = await read(older);
  assert.is((call('plan', wanted, prefs, older) as { error: { code: string } }).error.code, 'unsupported');
  const { patch: unknown } = call('plan', wanted, prefs, latest) as { patch: Prefs };
  await write(older, unknown);
  assert.equal(call('differences', unknown, await read(older)), ['remote_config']);
});

test.run();

async function startDaemon(version: string): Promise<TailnetNode> {
  const host = await internet.addHost(version.replaceAll('.', '-'));
  return TailnetNode.start(host, await tailscaleBinaries(version), '/dev/null', `/run/${version}`);
}

async function read(version: string): Promise<Prefs> {
  return (await callLocalApi(`/run/${version}/socket`, 'GET', 'prefs')) as Prefs;
}

async function write(version: string, patch: Prefs): Promise<void> {
  await callLocalApi(`/run/${version}/socket`, 'PATCH', 'prefs', patch);
}

/** As the command tells them. */
async function flagsOf(command: string): Promise<string[]> {
  const help = await cli.run(command, '--help');
  return [...help.stderr.matchAll(/^ +--([a-z-]+)/gm)].map(([, flag]) => flag ?? '').sort();
}

function flagsInTable(command: 'up' | 'set'): string[] {
  const only: Record<string, string | undefined> = commands;
  const names = Object.keys(table).filter((name) => (only[name] ?? command) === command);
  return names.map((name) => name.replaceAll('_', '-'));
}

/** In the form of `tailscale get --json`. */
function asTold(value: PreferenceValue | undefined): boolean | string {
  return typeof value === 'boolean' ? value : Array.isArray(value) ? value.join() : `${value ?? ''}`;
}
