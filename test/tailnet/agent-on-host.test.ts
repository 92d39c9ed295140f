import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { repository } from '../../build/package.ts';
import { runOnHost } from '../../dev/host/program.ts';
import { createAuthority } from '../../dev/mirror/certificates.ts';
import { headscaleBinary, tailscaleBinaries } from '../../dev/setup/go.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { quietEnvironment } from '../../dev/tailnet/cli.ts';
import { callLocalApi } from '../../dev/tailnet/localapi.ts';
import { Headscale } from '../../dev/tailnet/headscale.ts';
import { Internet } from '../../dev/tailnet/namespaces.ts';
import { TailnetNode } from '../../dev/tailnet/node.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { callAllOnHost, type Call } from '../router/agent-client.ts';
import {
  changeSomething,
  endInAResult,
  tellWhatTheyShould,
  type AskedAgent
} from '../router/agent-methods.ts';
import {
  absentOnes,
  assertRefused,
  refusedCalls,
  refusedPreferences,
  type Refused
} from '../router/agent-refusals.ts';
import { silentServer } from '../support/silent-server.ts';

/** The agent itself on Node, with a real tailscaled and headscale. */

const source = (name: string): string => fileURLToPath(new URL(name, repository));
const { tailscaled, tailscale } = await tailscaleBinaries(testVersions.latest);
const root = mkdtempSync(join(tmpdir(), 'agent-'));
const socket = join(root, 'var/run/tailscale/tailscaled.sock');
for (const folder of ['etc/tailscale-ram', 'state', 'tmp', 'var/run/tailscale', 'var/run/tailscale-ram'])
  mkdirSync(join(root, folder), { recursive: true });
await cp(source('files/etc/config'), join(root, 'etc/config'), { recursive: true });
const libexec = join(root, 'usr/libexec/tailscale-ram');
mkdirSync(libexec, { recursive: true });
const report = [process.execPath, '--import', 'tsx', source('dev/host/run.ts'), source('src/report/main.ts')];
writeFileSync(join(libexec, 'report'), `#!/bin/sh\ncd '${source('.')}' && exec ${report.join(' ')} "$@"\n`, {
  mode: 0o755
});

const agent = runOnHost(source('src/agent/main.ts'), {
  root,
  // Its own programs get such paths as arguments.
  environment: {
    PATH: process.env['PATH'] ?? '',
    TSR_RUN_DIR: join(root, 'var/run/tailscale-ram'),
    TSR_LOGIN_SERVER_S: '10',
    TSR_CONFIRM_S: '8'
  }
});
const internet = await Internet.open();
const authority = await createAuthority();
const caFile = join(root, 'ca.pem');
writeFileSync(caFile, authority.certificate);
const headscale = await Headscale.start(
  await internet.addHost('control'),
  await headscaleBinary(),
  authority,
  join(root, 'headscale')
);
const laptop = await TailnetNode.start(
  await internet.addHost('laptop'),
  { tailscaled, tailscale },
  caFile,
  join(root, 'laptop')
);
let daemon: ChildProcess | undefined;

const ask = async (method: string, args: object = {}): Promise<Record<string, unknown>> =>
  ((await agent.bus.call('tailscale-ram', method, args)).data ?? {}) as Record<string, unknown>;
const callEach = (calls: readonly Call[]) => callAllOnHost(agent.bus, root, calls);
const becomes = (what: string, wanted: Readonly<Record<string, unknown>>): Promise<unknown> =>
  waitFor(what, 20, async () => {
    const status = await ask('status');
    return Object.entries(wanted).every(([key, value]) => status[key] === value);
  });
const hostName = async (): Promise<unknown> => {
  const { preferences } = (await ask('settings')) as { preferences: { hostname: { value: unknown } } | null };
  return preferences?.hostname.value;
};

const test = suite('tailnet: the agent on Node');

test.after(async () => {
  daemon?.kill('SIGKILL');
  // It ends by itself, so that what it ran through is counted.
  agent.signal('SIGTERM');
  assert.is(await agent.ended, 1, agent.output());
  await internet.close();
  rmSync(root, { recursive: true });
});

test('it says that there is no daemon', async () => {
  await becomes('the answer', { daemon: false, state: null });
});

test('without one it does nothing, and never says that it did', async () => {
  const calls: [method: string, args?: object][] = [
    ['exit_node', { id: 'none' }],
    ['exit_node', { id: 'auto' }],
    ['set', { preferences: { hostname: 'attic' } }],
    ['disconnect'],
    ['logout']
  ];
  const codes: Record<string, unknown> = {};
  for (const [method, args] of calls) {
    const { error } = (await ask(method, args)) as { error?: { code: string } };
    codes[`${method} ${JSON.stringify(args)}`] = error?.code;
  }
  assert.equal([...new Set(Object.values(codes))], ['daemon-unreachable'], JSON.stringify(codes));
  // Else it would be undone as soon as there is a daemon.
  assert.is((await ask('status'))['unconfirmed'], null);
});

test('it knows the daemon as soon as there is one', async () => {
  startDaemon();
  await becomes('NeedsLogin', { daemon: true, state: 'NeedsLogin', version: testVersions.latest });
});

test('what it sets is set, and what the command line sets it knows', async () => {
  assert.not.ok((await ask('set', { preferences: { hostname: 'attic' } }))['error']);
  assert.is(await hostName(), 'attic');
  assert.is(((await callLocalApi(socket, 'GET', 'prefs')) as { Hostname: string }).Hostname, 'attic');
  await succeed([tailscale, `--socket=${socket}`, 'set', '--hostname=cellar']);
  await waitFor('the new name', 5, async () => (await hostName()) === 'cellar');
});

test('what is wrong is refused, and changes nothing', async () => {
  const { error } = (await ask('set', { preferences: { hostname: 'two words' } })) as {
    error?: { code: string };
  };
  assert.ok(error);
  assert.is(await hostName(), 'cellar');
});

test('a login whose server never says a word ends, and lets another one begin', async () => {
  const silent = await silentServer(8443, internet.address);
  const { job } = await ask('login', { login_server: `https://${internet.address}:8443` });
  const ended = await waitFor('the job ends', 15, async () => {
    const now = await ask('job', { id: job });
    return now['state'] !== 'running' && now;
  });
  assert.equal((ended as { error: unknown }).error, {
    code: 'timeout',
    detail: 'the login server does not answer'
  });
  silent.close();
});

test('it logs in by a key', async () => {
  const auth_key = await headscale.preauthKey(await headscale.createUser('anna'));
  await laptop.login(headscale.url, auth_key);
  const { job } = await ask('login', { login_server: headscale.url, auth_key });
  await waitFor('the job is done', 30, async () => (await ask('job', { id: job }))['state'] !== 'running');
  assert.is((await ask('job', { id: job }))['state'], 'done');
  await becomes('Running', { state: 'Running', login_server: headscale.url });
});

test('whatever is wrong is refused with a code, as on a router, and changes nothing', async () => {
  const calls: Refused[] = [
    ...refusedCalls(),
    // The two before were logins.
    ...absentOnes(3),
    ...refusedPreferences.map(([preferences, code, field]): Refused => [
      ['set', { preferences }],
      [code],
      field
    ])
  ];
  const before = [await callLocalApi(socket, 'GET', 'prefs'), await ask('settings')];
  assertRefused(calls, await callEach(calls.map(([call]) => call)));
  assert.equal([await callLocalApi(socket, 'GET', 'prefs'), await ask('settings')], before);
});

test('it notices a daemon that was killed, and the next one', async () => {
  daemon?.kill('SIGKILL');
  await becomes('no daemon', { daemon: false });
  startDaemon();
  await becomes('the next one', { daemon: true, state: 'Running' });
});

const asked: AskedAgent = {
  isOnRouter: false,
  confirmWithin: 8,
  callEach,
  until: waitFor,
  pinned: async () =>
    /option version '(.*)'/.exec(await readFile(join(root, 'etc/config/tailscale-ram'), 'utf8'))?.[1] ?? ''
};

test('the methods that tell, tell what they should', () => tellWhatTheyShould(asked));

test('the methods that measure end in a result', () => endInAResult(asked));

test('what nobody confirms is undone when its time is over', async () => {
  const { job } = await ask('disconnect');
  await becomes('disconnected', { state: 'Stopped' });
  await becomes('connected again', { state: 'Running', unconfirmed: null });
  const { state, error } = (await ask('job', { id: job })) as { state: string; error: object };
  assert.equal([state, error], ['failed', { code: 'not-confirmed', detail: '' }]);
});

test('the methods that change something do it', async () => {
  await changeSomething(asked);
  assert.equal(await ask('forget_identity'), {});
});

test.run();

function startDaemon(): void {
  const state = [
    `--statedir=${join(root, 'state')}`,
    `--state=${join(root, 'state/key')}`,
    `--socket=${socket}`
  ];
  daemon = spawn(tailscaled, ['--tun=userspace-networking', ...state], {
    env: { ...process.env, ...quietEnvironment, SSL_CERT_FILE: caFile },
    stdio: 'ignore'
  });
}
