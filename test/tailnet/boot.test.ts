import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Program } from '../../dev/tailnet/namespaces.ts';
import { openTailnet } from '../../dev/tailnet/tailnet.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { testVersions } from '../../src/shared/test-versions.ts';

const test = suite('tailnet: boot');
const tailnet = await openTailnet();
const { router, mirror, headscale, authKey, peer, peerAddress } = tailnet;
let daemon: Program;

await router.powerOn();
const firewall = 'table inet fw4 { chain input { type filter hook input priority filter; policy accept; }; }';
await router.host.succeed(['nft', firewall]);
const rulesetBefore = await ruleset();

test.after(() => tailnet.close());

test('an empty router fetches tailscaled and becomes it', async () => {
  daemon = router.start();
  await waitFor(
    'tailscaled answers',
    60,
    async () => (await router.cli.status()).BackendState === 'NeedsLogin'
  );
  assert.is((await router.state())?.phase, 'running');
  assert.is((await router.cli.status()).Version.split('-')[0], testVersions.latest);
  assert.is(mirror.requests.filter(({ path }) => path.endsWith('.tgz')).length, 1);
});

test('it logs in with `tailscale up`, which gains what the router always sets', async () => {
  await router.cli.succeed('up', `--login-server=${headscale.url}`, `--auth-key=${authKey}`);
  await router.cli.waitUntilRunning();
  const prefs = JSON.parse(await router.cli.succeed('debug', 'prefs')) as Record<string, unknown>;
  assert.is(prefs['CorpDNS'], false);
  assert.is(prefs['NetfilterMode'], 0);
});

test('a second `tailscale up` is not refused for what the first one gained', async () => {
  await router.cli.succeed('up', `--login-server=${headscale.url}`, '--accept-routes');
  const bare = await router.host.run([
    ...['/tmp/tailscale-ram/bin/tailscale', 'up'],
    ...[`--login-server=${headscale.url}`, '--accept-routes']
  ]);
  assert.is.not(bare.code, 0, 'without the stub it is, so the stub has its use');
  await router.cli.succeed('up', '--reset', `--login-server=${headscale.url}`);
});

test('a peer answers by disco ping, directly, and over TCP', async () => {
  assert.match(await router.cli.pingUntilDirect(peerAddress), /:41641$/);
  peer.echo(7);
  const said = await waitFor('the peer takes connections', 5, async () => {
    const { stdout } = await router.host.run(['busybox', 'nc', '-w', '5', peerAddress, '7'], {
      input: 'hello, peer\n'
    });
    return stdout;
  });
  assert.is(said, 'hello, peer\n');
});

test('the peer reaches the router', async () => {
  await peer.cli.pingUntilDirect(await router.cli.ip());
});

test('the firewall and resolv.conf stay as they were', async () => {
  assert.is(await ruleset(), rulesetBefore);
  assert.is(await router.host.succeed(['readlink', '/etc/resolv.conf']), '/tmp/resolv.conf\n');
  assert.is(await readFile(router.tmp('resolv.conf'), 'utf8'), 'nameserver 127.0.0.1\n');
});

test('the stub is the real command: arguments, output, exit code', async () => {
  const real = ['/tmp/tailscale-ram/bin/tailscale'];
  const stub = ['busybox', 'ash', '/usr/sbin/tailscale'];
  for (const args of [
    ['version'],
    ['no-such-command'],
    ['ping', '--c=1', '--timeout=1s', '100.99.99.99'],
    ['set', '--hostname', 'bad host name'],
    ['ip', '-4'],
    ['up', '--no-such-flag']
  ]) {
    const [expected, found] = await Promise.all(
      [real, stub].map((command) => router.host.run([...command, ...args]))
    );
    assert.equal(found, expected, args.join(' '));
  }
});

test('a restart uses what is in RAM and asks nobody', async () => {
  const before = await router.cli.status();
  await daemon.stop();
  mirror.requests.length = 0;
  mirror.setFault({ kind: 'status', status: 503, on: 'everything' });
  daemon = router.start();
  const after = await router.cli.waitUntilRunning();
  assert.is(mirror.requests.length, 0);
  assert.is(after.Self.PublicKey, before.Self.PublicKey);
  await router.cli.pingUntilDirect(peerAddress);
});

test('nothing of it all is written to flash but the identity', async () => {
  const found = await readdir(router.etc(), { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  assert.equal(files.sort(), [router.etc('ssl', 'test-ca.pem'), router.etc('tailscale', 'tailscaled.state')]);
});

test('a power cut loses what was not synced yet, and the identity is not among it', async () => {
  const before = await readFile(router.etc('tailscale', 'tailscaled.state'), 'utf8');
  let left: string[] = [];
  // A `sync` of anybody on this machine writes it as well: another cut, then.
  for (let cuts = 0; cuts === 0 || (left.includes('unsynced') && cuts < 5); cuts++) {
    if (!router.isOn) await router.powerOn();
    await router.host.succeed([
      'sh',
      '-c',
      'rm -f /etc/unsynced; echo 1 >/etc/synced; sync; echo 1 >/etc/unsynced'
    ]);
    await router.cutPower();
    left = await readdir(router.etc());
  }
  assert.equal(left.sort(), ['resolv.conf', 'ssl', 'synced', 'tailscale']);
  assert.is(await readFile(router.etc('tailscale', 'tailscaled.state'), 'utf8'), before);
});

test.run();

function ruleset(): Promise<string> {
  return router.host.succeed(['nft', 'list', 'ruleset']);
}
