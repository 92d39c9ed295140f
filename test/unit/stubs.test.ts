import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { debianRoot, openWrtRoots, type InstalledRoot } from '../support/installed-root.ts';

const defaults = ['--accept-dns=false', '--netfilter-mode=off'];
const odd = ['', ' ', 'two words', 'a\nb\n', '\n', "it's", '"', '$(id)', '`id`', '*', '\\', '-n', 'ü'];

/** Prints its arguments, and ends with a code that nobody else uses. */
const binary = '#!/bin/sh\nprintf "%s\\000" "${0##*/}" "$@"\nexit 42\n';
/** Fetches in a second, and notes what it was told. */
const bootstrap = `#!/bin/sh
echo "$*|$TSR_TRACK|$TSR_VERSION" >>/tmp/fetched
[ "$TSR_TRACK" = stable ] || { echo 'tailscale-ram: memory-low' >&2; exit 1; }
echo '{"phase":"downloading","since":9,"attempt":1,"version":"1.102.5","arch":"mipsle","bytes":12345678,"total":29434048,"retry_in":null,"error":null}' >/var/run/tailscale-ram/fetch.json
\${SLOW:+sleep 1}
mkdir -p /tmp/tailscale-ram/bin
cp "/tmp/$2.binary" "/tmp/tailscale-ram/bin/$2"
echo "/tmp/tailscale-ram/bin/$2"
`;

for (const root of [await debianRoot('ash'), await debianRoot('dash'), ...(await openWrtRoots())]) {
  const test = suite(`stubs on ${root.name}`);

  test.before(() => {
    for (const name of ['tailscale', 'tailscaled']) root.write(`tmp/${name}.binary`, binary, 0o755);
    root.write('usr/libexec/tailscale-ram/bootstrap', bootstrap, 0o755);
  });
  test.before.each(() => {
    root.configure({});
    root.run(['rm', '-rf', '/tmp/tailscale-ram', '/tmp/fetched']);
    root.write('tmp/tailscale-ram/bin/tailscale', binary, 0o755);
    root.write('tmp/tailscale-ram/bin/tailscaled', binary, 0o755);
  });
  test.after(() => {
    root.close();
  });

  test('arguments and the exit code are handed through', () => {
    for (const args of [
      [],
      odd,
      ['status', ...odd],
      ['status', 'up'],
      ['--socket', 'up', 'status'],
      ['login', '--qr'],
      ['set', '--accept-dns'],
      ['-h']
    ]) {
      assert.equal(tailscale(root, args), args);
    }
    const { code, stdout } = root.run(['/usr/sbin/tailscaled', ...odd]);
    assert.is(code, 42);
    assert.equal(stdout.split('\0').slice(0, -1), ['tailscaled', ...odd]);
    assert.is(root.run(['ls', '/tmp/fetched']).code === 0, false);
  });

  test('`up` gains what it would miss', () => {
    assert.equal(tailscale(root, ['up']), ['up', ...defaults]);
    assert.equal(tailscale(root, ['up', '--ssh', ...odd]), ['up', ...defaults, '--ssh', ...odd]);
    assert.equal(tailscale(root, ['up', '--reset']), ['up', ...defaults, '--reset']);
    assert.equal(tailscale(root, ['--socket=/a b', 'up']), ['--socket=/a b', 'up', ...defaults]);
    assert.equal(tailscale(root, ['-socket', 'up', 'up', 'up']), ['-socket', 'up', 'up', ...defaults, 'up']);
    assert.equal(tailscale(root, ['up', '--hostname']), ['up', ...defaults, '--hostname']);
  });

  test('`up` keeps what was given', () => {
    for (const dns of ['--accept-dns', '-accept-dns', '--accept-dns=true', '-accept-dns=false']) {
      assert.equal(tailscale(root, ['up', '--ssh', dns]), ['up', '--netfilter-mode=off', '--ssh', dns]);
    }
    for (const mode of [['--netfilter-mode=on'], ['-netfilter-mode', 'nodivert']]) {
      assert.equal(tailscale(root, ['up', ...mode]), ['up', '--accept-dns=false', ...mode]);
      assert.equal(tailscale(root, ['up', '--accept-dns', ...mode]), ['up', '--accept-dns', ...mode]);
    }
    const similar = ['--accept-dns-not', '--hostname=--accept-dns'];
    assert.equal(tailscale(root, ['up', ...similar]), ['up', ...defaults, ...similar]);
  });

  test('what is not in RAM is fetched, with the settings', () => {
    root.configure({ version: '1.98.10' });
    for (const name of ['tailscale', 'tailscaled']) {
      root.run(['rm', '-rf', '/tmp/tailscale-ram', '/tmp/fetched']);
      const { code, stdout, stderr } = root.run([`/usr/sbin/${name}`, 'two words']);
      assert.equal({ code, stdout, stderr }, { code: 42, stdout: `${name}\0two words\0`, stderr: '' });
      assert.is(root.read('tmp/fetched'), `fetch ${name}|stable|1.98.10\n`);
      root.run([`/usr/sbin/${name}`]);
      assert.is(root.read('tmp/fetched').split('\n').length, 2);
    }
  });

  test('what cannot be fetched is said so', () => {
    root.configure({ track: 'unstable' });
    root.run(['rm', '-rf', '/tmp/tailscale-ram']);
    assert.equal(root.run(['/usr/sbin/tailscale', 'status']), {
      code: 1,
      stdout: '',
      stderr: 'tailscale-ram: memory-low\ntailscale could not be fetched\n'
    });
  });

  if (!root.openwrt) {
    test('on a terminal it shows how far it is', () => {
      root.run(['rm', '-rf', '/tmp/tailscale-ram']);
      const { code, stdout } = root.run(['script', '-qec', '/usr/sbin/tailscale status', '/dev/null'], {
        SLOW: '1'
      });
      assert.is(code, 42);
      assert.ok(stdout.startsWith('\x1b[KFetching tailscale: 12 of 29 MB\r\x1b[K'), stdout);
      assert.ok(stdout.endsWith('\r\x1b[Ktailscale\0status\0'), stdout);
      assert.not.match(root.run(['ps', 'ax']).stdout, 'sbin/tailscale');
    });
  }

  test.run();
}

/** What reaches the binary behind its name. */
function tailscale(root: InstalledRoot, args: readonly string[]): string[] {
  const { code, stdout, stderr } = root.run(['/usr/sbin/tailscale', ...args]);
  assert.equal({ code, stderr }, { code: 42, stderr: '' });
  const [name, ...got] = stdout.split('\0').slice(0, -1);
  assert.is(name, 'tailscale');
  return got;
}
