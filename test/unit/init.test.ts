import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openWrtRoots, type InstalledRoot } from '../support/installed-root.ts';

/** The init script under OpenWrt's own rc.common and procd.sh; only `ubus` is replaced, by one that takes notes. */

interface Instance {
  command: string[];
  env: Record<string, string>;
  respawn: string[];
  file?: string[];
  reload_signal?: number;
  stdout: boolean;
  stderr: boolean;
}

interface Service {
  name: string;
  instances: { daemon?: Instance; agent?: Instance };
  triggers: unknown[];
}

interface Call {
  method: string;
  message: unknown;
}

const service = '/etc/init.d/tailscale-ram';
const agent = 'usr/libexec/tailscale-ram/agent';

const roots = await openWrtRoots();
if (roots.length === 0) console.log('skipped: the init script: there is no OpenWrt root tree in the cache');

for (const root of roots) {
  const test = suite(`init script on ${root.name}`);

  test.before(() => {
    // netifd is asked for the LAN's address; all else is procd's.
    root.write(
      'bin/ubus',
      '#!/bin/sh\n[ "$2" != network.interface ] || exit 0\nprintf "%s\\0" "$3" "$4" >>/tmp/ubus.log\n',
      0o755
    );
  });
  test.before.each(() => {
    root.configure({});
    root.write('tmp/ubus.log', '');
  });
  test.after(() => {
    root.close();
  });

  test('start: the daemon, with its whole command line', () => {
    const { daemon, agent, ...others } = start(root).instances;
    assert.equal(others, {});
    assert.equal(agent?.command, ['/usr/libexec/tailscale-ram/agent']);
    assert.ok(daemon);
    assert.equal(daemon.command, [
      '/usr/libexec/tailscale-ram/bootstrap',
      'run',
      '--',
      '--state=/etc/tailscale/tailscaled.state',
      '--statedir=/var/run/tailscale-ram/daemon',
      '--socket=/var/run/tailscale/tailscaled.sock',
      '--port=41641',
      '--tun=tailscale0',
      '--verbose=0'
    ]);
    const { TSR_CONF, ...env } = daemon.env;
    assert.equal(env, {
      TS_NO_LOGS_NO_SUPPORT: '1',
      TS_LOGS_DIR: '/var/run/tailscale-ram/daemon',
      TS_DISABLE_TAILDROP: '1',
      TS_DEBUG_FIREWALL_MODE: 'nftables',
      TSR_SOURCE: 'https://pkgs.tailscale.com',
      TSR_TRACK: 'stable',
      TSR_VERSION: '',
      TSR_BUILD: 'auto',
      TSR_MIRROR: '',
      TSR_ARCH: '',
      TSR_CLI: 'auto',
      TSR_RESERVE_MB: 'auto',
      TSR_DAILY_ARCHIVES: '3',
      TSR_CACHE_DIR: '',
      TSR_CA_FILE: ''
    });
    assert.match(TSR_CONF ?? '', 'TSR_TRACK=stable ');
    assert.equal(daemon.respawn, ['3600', '1', '0']);
    assert.ok(daemon.stdout && daemon.stderr);
    // It would be restarted by any change of the file, also by one that concerns others.
    assert.is(daemon.file, undefined);
  });

  test('start: values with blanks and quotes stay whole', () => {
    root.configure({
      state_file: "/mnt/my 'usb'/a state",
      cache_dir: '/mnt/"b" $c',
      port: '5',
      tun: 'userspace',
      debug_port: '8080',
      log_level: '2'
    });
    const { daemon } = start(root).instances;
    assert.ok(daemon);
    assert.is(daemon.command[3], "--state=/mnt/my 'usb'/a state");
    assert.equal(daemon.command.slice(6), [
      '--port=5',
      '--tun=userspace-networking',
      '--verbose=2',
      '--debug=127.0.0.1:8080'
    ]);
    assert.is(daemon.env['TSR_CACHE_DIR'], '/mnt/"b" $c');
  });

  test('start: each change shows in a value before its last four bytes', () => {
    const changes: Record<string, string>[] = [
      { reserve_mb: '32' },
      { reserve_mb: '64' },
      { version: '1.102.5' },
      { version: '1.102.6' },
      { ca_file: '/my-ca.1' },
      { ca_file: '/my-ca.2' }
    ];
    const seen = changes.map((options) => {
      root.configure(options);
      return start(root).instances.daemon?.env['TSR_CONF']?.slice(0, -4);
    });
    assert.is(new Set(seen).size, changes.length);
  });

  test('start: the agent, if it is installed, is told of changes by a signal', () => {
    root.write(agent, '#!/bin/sh\n', 0o755);
    const { daemon, agent: instance } = start(root).instances;
    root.run(['rm', `/${agent}`]);
    assert.ok(daemon && instance);
    assert.equal(instance.command, [`/${agent}`]);
    assert.equal(instance.file, ['/etc/config/tailscale-ram']);
    assert.is(instance.reload_signal, 1);
    assert.equal(instance.respawn, ['3600', '1', '0']);
  });

  test('start: enabled 0 leaves no instance, but the trigger', () => {
    root.configure({ enabled: '0' });
    const { instances, triggers } = start(root);
    assert.equal(instances, {});
    assert.equal(triggers, [
      ['config.change', ['if', ['eq', 'package', 'tailscale-ram'], ['run_script', service, 'reload']], 1000]
    ]);
  });

  test('start: leaves no process, is quick, and prepares what is in RAM', () => {
    root.run(['rm', '-rf', '/var/run/tailscale-ram']);
    const before = Date.now();
    start(root);
    assert.ok(Date.now() - before < 2000);
    assert.is(root.run(['readlink', '/var/run/tailscale-ram/daemon/certs']).stdout, '/etc/tailscale/certs\n');
    // A child left behind would hold the lock.
    assert.is(root.run(['flock', '-n', '/var/lock/procd_tailscale-ram.lock', 'true']).code, 0);
  });

  test('start and stop forget the daemon’s earlier starts', () => {
    for (const action of ['start', 'stop', 'reload', 'restart']) {
      root.write('var/run/tailscale-ram/starts', '1 0 0 0 1.102.5\n');
      assert.is(root.run([service, action]).code, 0);
      assert.is(root.run(['ls', '/var/run/tailscale-ram/starts']).code, 1, action);
    }
  });

  test('stop: procd is told', () => {
    root.run([service, 'stop']);
    assert.equal(calls(root), [{ method: 'delete', message: { name: 'tailscale-ram' } }]);
  });

  test('an upgrade of the package leaves the daemon alone', () => {
    root.write('var/run/tailscale-ram/starts', '1 0 0 0 1.102.5\n');
    assert.is(root.run([service, 'stop'], { PKG_UPGRADE: '1' }).code, 0);
    assert.equal(calls(root), []);
    assert.is(root.run(['ls', '/var/run/tailscale-ram/starts']).code, 0);

    // What is started after it is exactly what runs, and so procd does nothing; but the agent's code is new.
    const before = start(root);
    root.write('tmp/ubus.log', '');
    root.write(agent, '#!/bin/sh\n', 0o755);
    root.run([service, 'start'], { PKG_UPGRADE: '1' });
    root.run(['rm', `/${agent}`]);
    const [first, second] = calls(root);
    assert.equal(first, { method: 'delete', message: { name: 'tailscale-ram', instance: 'agent' } });
    assert.equal((second?.message as Service).instances.daemon, before.instances.daemon);
  });

  test('a bad value is logged and not passed on', () => {
    root.configure({ port: '70000', version: '$(reboot)' });
    root.write('tmp/log', '');
    const { daemon } = start(root).instances;
    assert.ok(daemon);
    assert.ok(daemon.command.includes('--port=41641'));
    assert.is(daemon.env['TSR_VERSION'], '');
    assert.is(root.read('tmp/log').split('\n').length, 3);
  });

  test('retry says so when nothing waits', () => {
    const { code, stdout } = root.run([service, 'retry']);
    assert.is(code, 0);
    assert.match(stdout, 'Tailscale runs already');
  });

  test('what it leaves behind is looked after when it is stopped, but not when the router goes off', () => {
    // It would start none beside one of a stop before.
    root.write('sbin/start-stop-daemon', '#!/bin/sh\necho "$*" >>/tmp/started\n', 0o755);
    const startedBy = (action: string): string =>
      root.run(['sh', '-c', `: >/tmp/started; ${service} ${action}; cat /tmp/started`]).stdout;
    assert.match(startedBy('stop'), /\/forget-rules$/m);
    assert.is(startedBy('shutdown'), '');
  });

  test('enabled at boot last, stopped early', () => {
    assert.is(root.run([service, 'enable']).code, 0);
    assert.is(root.run(['readlink', '/etc/rc.d/S99tailscale-ram']).stdout, '../init.d/tailscale-ram\n');
    assert.is(root.run(['readlink', '/etc/rc.d/K10tailscale-ram']).stdout, '../init.d/tailscale-ram\n');
  });

  test.run();
}

function start(root: InstalledRoot): Service {
  root.write('tmp/ubus.log', '');
  const { code, stderr } = root.run([service, 'start']);
  assert.equal({ code, stderr }, { code: 0, stderr: '' });
  const [call] = calls(root);
  assert.ok(call);
  assert.is(call.method, 'set');
  return call.message as Service;
}

function calls(root: InstalledRoot): Call[] {
  const fields = root.read('tmp/ubus.log').split('\0').slice(0, -1);
  const all = Array.from({ length: fields.length / 2 }, (_, i) => ({
    method: fields[2 * i] ?? '',
    message: JSON.parse(fields[2 * i + 1] ?? '') as unknown
  }));
  // forget-rules asks, a while after each stop.
  return all.filter(({ method }) => method !== 'list');
}
