import { statSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { debianRoot, openWrtRoots, type InstalledRoot, type Ran } from '../support/installed-root.ts';

const identity = JSON.stringify({ _machinekey: 'cHJpdmtleTow', _profiles: 'e30=' }, null, '  ');
const ours = 'etc/tailscale/tailscaled.state';

for (const root of [await debianRoot('ash'), await debianRoot('dash'), ...(await openWrtRoots())]) {
  const test = suite(`prepare_state on ${root.name}`);

  test.before.each(() => {
    const { code } = root.run([
      'rm',
      '-rf',
      '/etc/tailscale',
      '/etc/config/tailscaled.state',
      '/var/lib/tailscale',
      '/tmp/log'
    ]);
    assert.is(code, 0);
  });
  test.after(() => {
    root.close();
  });

  test('directories are root’s alone, and what must last is linked to flash', () => {
    assert.equal(prepare(root), { code: 0, stdout: '', stderr: '' });
    for (const directory of ['etc/tailscale', 'var/run/tailscale-ram/daemon'])
      assert.is(mode(root, directory), '700');
    for (const name of ['certs', 'ssh', 'tka-profiles']) {
      assert.is(
        root.run(['readlink', `/var/run/tailscale-ram/daemon/${name}`]).stdout,
        `/etc/tailscale/${name}\n`
      );
      assert.is(mode(root, `etc/tailscale/${name}`), '700');
    }
    assert.is(root.run(['ls', `/${ours}`]).code === 0, false);
  });

  test('a second time nothing on flash is touched', () => {
    root.write(ours, identity, 0o600);
    root.write('etc/config/tailscaled.state', identity);
    prepare(root);
    const before = snapshot(root);
    prepare(root);
    assert.equal(snapshot(root), before);
  });

  test('an open directory is closed', () => {
    root.run(['mkdir', '-m', '755', '/etc/tailscale']);
    prepare(root);
    assert.is(mode(root, 'etc/tailscale'), '700');
  });

  test('another package’s identity is copied, and said so', () => {
    root.write('etc/config/tailscaled.state', identity);
    assert.is(prepare(root).code, 0);
    assert.is(root.read(ours), identity);
    assert.is(mode(root, ours), '600');
    assert.is(root.read('etc/config/tailscaled.state'), identity);
    assert.match(
      root.read('tmp/log'),
      "copied this router's identity from /etc/config/tailscaled.state to /etc/tailscale/tailscaled.state"
    );
    assert.is(root.run(['ls', '/etc/tailscale']).stdout, 'certs\nssh\ntailscaled.state\ntka-profiles\n');
  });

  test('of several, the one written last', () => {
    root.write('var/lib/tailscale/tailscaled.state', identity.replace('cHJp', 'bmV3'));
    root.write('etc/config/tailscaled.state', identity);
    root.run(['touch', '-d', '2020-01-01 00:00', '/etc/config/tailscaled.state']);
    prepare(root);
    assert.match(root.read(ours), 'bmV3');
  });

  test('an identity of our own stays', () => {
    root.write(ours, identity);
    root.write('etc/config/tailscaled.state', identity.replace('cHJp', 'bmV3'));
    prepare(root);
    assert.is(root.read(ours), identity);
  });

  test('what is not a whole identity is not copied', () => {
    for (const content of [
      '',
      '{}',
      identity.slice(0, -1),
      '\0'.repeat(200),
      '<html>_machinekey</html>',
      '{"_profiles":"e30="}'
    ]) {
      root.write('etc/config/tailscaled.state', content);
      assert.is(prepare(root).code, 0);
      assert.is(root.run(['ls', `/${ours}`]).code === 0, false, content);
    }
  });

  test('to a place of the user’s choice, through nobody’s link', () => {
    root.write('etc/config/tailscaled.state', identity);
    root.write('tmp/victim', 'as it was');
    root.run(['mkdir', '-p', '/mnt/my usb']);
    root.run(['ln', '-s', '/tmp/victim', '/mnt/my usb/state.new']);
    prepare(root, '/mnt/my usb/state');
    assert.is(root.read('mnt/my usb/state'), identity);
    assert.is(root.read('tmp/victim'), 'as it was');
  });

  if (root.openwrt) {
    test('an identity at a place that another package was told', () => {
      root.write(
        'etc/config/tailscale',
        "config settings 'settings'\n\toption state_file '/mnt/usb/theirs'\n"
      );
      root.write('mnt/usb/theirs', identity);
      prepare(root);
      assert.is(root.read(ours), identity);
    });
  }

  test.run();
}

function prepare(root: InstalledRoot, stateFile = `/${ours}`): Ran {
  const script = `umask 077; . /usr/libexec/tailscale-ram/settings; prepare_state "$1" /var/run/tailscale-ram/daemon`;
  return root.run(['/bin/sh', '-c', script, 'sh', stateFile]);
}

function mode(root: InstalledRoot, path: string): string {
  return (statSync(root.path(path)).mode & 0o7777).toString(8);
}

/** Name, inode and time of change of everything in /etc/tailscale. */
function snapshot(root: InstalledRoot): unknown[] {
  const names = root.run(['find', '/etc/tailscale']).stdout.split('\n').slice(0, -1);
  return names.map((name) => {
    const { ino, ctimeMs } = statSync(root.path(name));
    return [name, ino, ctimeMs];
  });
}
