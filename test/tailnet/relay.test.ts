import { mkdirSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import { repository } from '../../build/package.ts';
import { runOnHost } from '../../dev/host/program.ts';
import { createAuthority } from '../../dev/mirror/certificates.ts';
import { tailscaleBinaries } from '../../dev/setup/go.ts';
import { Internet } from '../../dev/tailnet/namespaces.ts';
import { TailnetNode } from '../../dev/tailnet/node.ts';
import { Testcontrol } from '../../dev/tailnet/testcontrol.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { testVersions } from '../../src/shared/test-versions.ts';

/** The agent on Node, and the relay of a real tailscaled, which nobody reaches without. */

const source = (name: string): string => fileURLToPath(new URL(name, repository));
const internet = await Internet.open();
const root = '/run/relay';
for (const folder of ['tmp', 'var/run/tailscale', 'var/run/tailscale-ram'])
  mkdirSync(join(root, folder), { recursive: true });
await cp(source('files/etc/config'), join(root, 'etc/config'), { recursive: true });

const authority = await createAuthority();
await writeFile(join(root, 'ca.pem'), authority.certificate);
const control = await Testcontrol.start(await internet.addHost('control'), authority, join(root, 'control'));
const node = await TailnetNode.start(
  await internet.addHost('router'),
  await tailscaleBinaries(testVersions.latest),
  join(root, 'ca.pem'),
  join(root, 'var/run/tailscale'),
  // headscale does not ask for it.
  { TS_USE_CACHED_NETMAP: 'false' }
);
const agent = runOnHost(source('src/agent/main.ts'), {
  root,
  environment: { PATH: process.env['PATH'] ?? '', TSR_SOCKET: '/var/run/tailscale/socket' }
});
const ask = async (method: string, args: object = {}): Promise<Record<string, unknown>> =>
  ((await agent.bus.call('tailscale-ram', method, args)).data ?? {}) as Record<string, unknown>;
const becomes = (state: string, seconds: number): Promise<unknown> =>
  waitFor(state, seconds, async () => (await ask('status'))['state'] === state);
const confirmed = async (method: string, args: object = {}): Promise<unknown> =>
  ask('confirm', { job: (await ask(method, args))['job'] });

const test = suite('tailnet: the relay');

test.after(async () => {
  await agent.kill();
  await internet.close();
});

test('is found again after a map that had none', async () => {
  await node.login(control.url, 'any');
  await becomes('Running', 20);

  const { current } = await ask('profiles');
  await confirmed('new_profile');
  await becomes('NeedsLogin', 5);
  await control.giveNothing();
  await confirmed('switch_profile', { id: current });
  await becomes('Starting', 5);
  await control.givePeers(0);
  // tailscaled complains after ten seconds.
  await becomes('Running', 20);
});

test.run();
