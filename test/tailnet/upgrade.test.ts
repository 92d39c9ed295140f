import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../dev/tailnet/cli.ts';
import { openTailnet, realRelease } from '../../dev/tailnet/tailnet.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { testVersions } from '../../src/shared/test-versions.ts';

const test = suite('tailnet: upgrade');
const { older, latest } = testVersions;
const tailnet = await openTailnet({ releases: [await realRelease(older)] });
const { router, headscale, mirror, peerAddress } = tailnet;

await router.powerOn();
let daemon = router.start();
await waitFor('tailscaled answers', 60, () => router.cli.status());
await router.cli.succeed('up', `--login-server=${headscale.url}`, `--auth-key=${tailnet.authKey}`);
const identity = await readIdentity(await runningVersion(older));
mirror.setReleases([await realRelease(older), await realRelease(latest)]);

test.after(() => tailnet.close());

test('`update` fetches the newest beside the running one, which goes on', async () => {
  const updating = router.bootstrap('update');
  await waitFor('the update has begun', 20, () => mirror.bytesServed > 40_000_000);
  await router.cli.pingUntilDirect(peerAddress);
  const { code, stderr } = await updating;
  assert.is(code, 0, stderr);
  assert.ok(daemon.running);
  assert.match((await router.cli.status()).Version, new RegExp(`^${older.replaceAll('.', '\\.')}`));
});

test('after a restart the new version runs as the same node', async () => {
  await daemon.stop();
  mirror.requests.length = 0;
  daemon = router.start();
  assert.equal(await readIdentity(await runningVersion(latest)), identity);
  assert.is(mirror.requests.length, 0);
});

test('`update VERSION` goes back, with the command of that version', async () => {
  const { code, stderr } = await router.bootstrap('update', older);
  assert.is(code, 0, stderr);
  await daemon.stop();
  daemon = router.start();
  assert.equal(await readIdentity(await runningVersion(older)), identity);
  assert.is((await router.cli.succeed('version')).split('\n')[0], older);
});

test('starting with an empty RAM brings the newest, as the same node', async () => {
  // What the last few seconds changed would only be in the file system's journal to be.
  await router.host.succeed(['sync']);
  await router.cutPower();
  await router.emptyRam();
  await router.powerOn();
  daemon = router.start();
  assert.equal(await readIdentity(await runningVersion(latest)), identity);
  await router.cli.pingUntilDirect(peerAddress);
});

test.run();

async function runningVersion(version: string): Promise<Status> {
  const status = await router.cli.waitUntilRunning(60);
  assert.is(status.Version.split('-')[0], version);
  return status;
}

/** What makes the router the same node for others; there must be one of it. */
async function readIdentity({ Self }: Status) {
  const nodes = (await headscale.listNodes()).filter(({ name }) => name === 'router');
  return {
    id: Self.ID,
    publicKey: Self.PublicKey,
    addresses: Self.TailscaleIPs,
    atHeadscale: nodes.map(({ id, node_key, machine_key }) => ({ id, node_key, machine_key }))
  };
}
