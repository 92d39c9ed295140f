import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { debianRoot, openWrtRoots, type InstalledRoot } from '../support/installed-root.ts';

/** The hotplug scripts, and `wake`, which must reach a waiting bootstrap and nobody else. */

const bootstrap = '/usr/libexec/tailscale-ram/bootstrap';
const wake = '/usr/libexec/tailscale-ram/wake';
const wan = {
  route: [
    { target: '192.0.2.0', mask: 24 },
    { target: '0.0.0.0', mask: 0, nexthop: '192.0.2.1' }
  ]
};
const wan6 = { route: [{ target: '::', mask: 0, nexthop: 'fe80::1' }] };
const lan = { route: [{ target: '192.168.9.0', mask: 24 }] };
const tunnel = { route: [{ target: '0.0.0.0', mask: 0, table: 100 }] };

const openwrt = await openWrtRoots();
if (openwrt.length === 0)
  console.log('skipped: the iface hotplug script: there is no OpenWrt root tree in the cache');

for (const root of [await debianRoot('ash'), await debianRoot('dash'), ...openwrt]) {
  const test = suite(`wake on ${root.name}`);

  test.before(() => {
    root.write(
      bootstrap,
      "#!/bin/sh\ntrap 'exit 7' USR1\necho $$ >/tmp/pid.new && mv /tmp/pid.new /tmp/pid\nwhile :; do sleep 1 & wait; done\n",
      0o755
    );
    root.write(
      'tmp/other',
      '#!/bin/sh\necho $$ >/tmp/pid.new && mv /tmp/pid.new /tmp/pid\nwhile :; do sleep 1 & wait; done\n',
      0o755
    );
  });
  test.before.each(() => {
    root.run(['rm', '-rf', '/var/run/tailscale-ram', '/tmp/pid']);
    root.run(['mkdir', '-m', '700', '/var/run/tailscale-ram']);
  });
  test.after(() => {
    root.close();
  });

  test('reaches the bootstrap', async () => {
    const waiting = await launch(root, [bootstrap, 'run', '--', '--port=1']);
    assert.is(root.run([wake]).code, 0);
    assert.is(await exitCode(waiting), 7);
  });

  test('never reaches another process, even under the noted id', async () => {
    const other = await launch(root, ['/tmp/other']);
    assert.equal(root.run([wake]), { code: 1, stdout: '', stderr: '' });
    assert.is(other.exitCode ?? other.signalCode, null);
    other.kill('SIGKILL');
    await exitCode(other);
    assert.equal(root.run([wake]), { code: 1, stdout: '', stderr: '' });
    root.write('var/run/tailscale-ram/bootstrap.pid', '\n');
    assert.equal(root.run([wake]), { code: 1, stdout: '', stderr: '' });
    root.run(['rm', '/var/run/tailscale-ram/bootstrap.pid']);
    assert.equal(root.run([wake]), { code: 1, stdout: '', stderr: '' });
  });

  test('ntp: the first setting of the clock is noted, and wakes', async () => {
    const waiting = await launch(root, [bootstrap, 'run']);
    hotplug(root, 'ntp', { ACTION: 'periodic' });
    assert.not.ok(marked(root, 'clock-synced'));
    hotplug(root, 'ntp', { ACTION: 'step' });
    assert.ok(marked(root, 'clock-synced'));
    assert.is(await exitCode(waiting), 7);

    // The bootstrap would take a later one for a person's.
    const next = await launch(root, [bootstrap, 'run']);
    hotplug(root, 'ntp', { ACTION: 'stratum' });
    await stays(next);
  });

  test('ntp: before the first start, too', () => {
    root.run(['rm', '-rf', '/var/run/tailscale-ram']);
    hotplug(root, 'ntp', { ACTION: 'stratum' });
    assert.ok(marked(root, 'clock-synced'));
    assert.match(root.run(['ls', '-ld', '/var/run/tailscale-ram']).stdout, /^drwx------/);
  });

  if (root.openwrt) {
    test('iface: an interface with a default route wakes', async () => {
      for (const status of [wan, wan6]) {
        const waiting = await launch(root, [bootstrap, 'run']);
        interfaceUp(root, status);
        assert.ok(marked(root, 'wan-up'));
        assert.is(await exitCode(waiting), 7);
      }
    });

    test('iface: others do not', async () => {
      const waiting = await launch(root, [bootstrap, 'run']);
      for (const status of [lan, tunnel, {}]) interfaceUp(root, status);
      interfaceUp(root, wan, 'ifdown');
      interfaceUp(root, wan, 'ifupdate');
      assert.not.ok(marked(root, 'wan-up'));
      await stays(waiting);
    });

    test('iface: nothing is asked once Tailscale runs', () => {
      interfaceUp(root, wan);
      assert.not.ok(marked(root, 'wan-up'));
      assert.not.ok(root.run(['ls', '/tmp/asked']).code === 0);
    });
  }

  test.run();
}

/** Starts a script that writes its process id, and notes that as the bootstrap's. */
async function launch(root: InstalledRoot, command: readonly string[]): Promise<ChildProcess> {
  const child = root.spawn(command);
  while (root.run(['cp', '/tmp/pid', '/var/run/tailscale-ram/bootstrap.pid']).code !== 0) await pause(10);
  root.run(['rm', '/tmp/pid']);
  return child;
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) {
    await once(child, 'exit', { signal: AbortSignal.timeout(10_000) });
  }
  return child.exitCode ?? child.signalCode;
}

async function stays(child: ChildProcess): Promise<void> {
  await pause(300);
  assert.is(child.exitCode, null);
  child.kill('SIGKILL');
  await exitCode(child);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function marked(root: InstalledRoot, name: string): boolean {
  return root.run(['ls', `/var/run/tailscale-ram/${name}`]).code === 0;
}

function interfaceUp(root: InstalledRoot, status: unknown, action = 'ifup'): void {
  root.run(['rm', '-f', '/tmp/asked']);
  root.write(
    'bin/ubus',
    `#!/bin/sh\n>/tmp/asked\n[ "$*" = 'call network.interface.wan0 status' ] && echo '${JSON.stringify(status)}'\n`,
    0o755
  );
  hotplug(root, 'iface', { ACTION: action, INTERFACE: 'wan0' });
}

/** As procd does. */
function hotplug(root: InstalledRoot, type: string, env: Record<string, string>): void {
  const { stdout, stderr } = root.run(
    ['/bin/sh', '-c', `. /lib/functions.sh; . /etc/hotplug.d/${type}/90-tailscale-ram`],
    env
  );
  assert.is(stdout + stderr, '');
}
