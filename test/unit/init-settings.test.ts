import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { debianRoot, openWrtRoots, type InstalledRoot } from '../support/installed-root.ts';

const defaults = {
  enabled: '1',
  port: '41641',
  debug_port: '',
  tun: 'auto',
  log_level: '0',
  state_file: '/etc/tailscale/tailscaled.state',
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
};
type Setting = keyof typeof defaults;

/** Option, what it sets, values to take and values to refuse. */
const options: [string, Setting, string[], string[]][] = [
  [
    'port',
    'port',
    ['1', '65535'],
    ['0', '65536', '041641', '-1', '41641 ', '4164l', '99999999999999999999', '$(id)', '`id`', '1;id']
  ],
  ['debug_port', 'debug_port', ['1', '65535'], ['0', '65536', '0.0.0.0:80', '$(id)']],
  ['tun', 'tun', ['userspace'], ['tailscale0', '--tun=x', 'auto\nuserspace']],
  ['log_level', 'log_level', ['3'], ['4', '-1', '1.5', 'verbose']],
  [
    'state_file',
    'state_file',
    ['/mnt/usb/my state'],
    ['mem:', 'tailscaled.state', '/etc/tailscale/', '/etc/a\nb']
  ],
  ['track', 'TSR_TRACK', ['unstable', 'release-candidate'], ['Stable', 'stable/..', 'stable unstable', '*']],
  [
    'version',
    'TSR_VERSION',
    ['1.102.5'],
    ['latest', '1.102.5; reboot', '../1', '1..2', '.1', '1.', '1.102.5\n']
  ],
  ['build', 'TSR_BUILD', ['official', 'compact', 'compact-ssh'], ['small']],
  ['arch', 'TSR_ARCH', ['mipsle'], ['../amd64', 'mips le', 'MIPS']],
  ['cli', 'TSR_CLI', ['never', 'always'], ['maybe']],
  ['reserve_mb', 'TSR_RESERVE_MB', ['0', '64'], ['-5', '64M', '08', 'auto auto']],
  ['daily_archives', 'TSR_DAILY_ARCHIVES', ['0', '1000'], ['1001', 'many', '0x10']],
  ['cache_dir', 'TSR_CACHE_DIR', ["/mnt/usb/it's mine"], ['usb', '~/cache', '/mnt/\u0007']],
  ['ca_file', 'TSR_CA_FILE', ['/etc/ssl/my ca.crt'], ['my-ca.crt', '--no-check-certificate']]
];

const openwrt = await openWrtRoots();
if (openwrt.length === 0) console.log('skipped: settings on OpenWrt: there is no root tree in the cache');

for (const root of [await debianRoot('ash'), await debianRoot('dash'), ...openwrt]) {
  const test = suite(`settings on ${root.name}`);
  test.after(() => {
    root.close();
  });

  test('an empty configuration gives the defaults', () => {
    const { settings, log } = read(root, {});
    assert.equal(settings, defaults);
    assert.equal(log, []);
  });

  test('the configuration as installed holds the defaults', () => {
    if (!root.openwrt) return;
    root.write('etc/config/tailscale-ram', root.read('../package/etc/config/tailscale-ram'));
    const { settings, log } = readAsConfigured(root);
    assert.equal(settings, defaults);
    assert.equal(log, []);
  });

  for (const [option, setting, good, bad] of options) {
    test(`${option}: good values are taken`, () => {
      for (const value of good) {
        const { settings, log } = read(root, { [option]: value });
        assert.equal(settings, { ...defaults, [setting]: value });
        assert.equal(log, []);
      }
    });

    test(`${option}: bad values are logged, and the default is taken`, () => {
      for (const value of bad) {
        const { settings, log } = read(root, { [option]: value });
        assert.equal(settings, defaults, JSON.stringify(value));
        assert.is(log.length, 1, JSON.stringify(value));
        assert.match(log[0] ?? '', new RegExp(`/etc/config/tailscale-ram: ${option} must be `));
      }
    });
  }

  test('enabled: what uci calls a boolean', () => {
    for (const value of ['0', 'off', 'no', 'false', 'disabled']) {
      assert.equal(read(root, { enabled: value }), { settings: { ...defaults, enabled: '0' }, log: [] });
    }
    for (const value of ['1', 'on', 'yes', 'true', 'enabled']) {
      assert.equal(read(root, { enabled: value }), { settings: defaults, log: [] });
    }
    const { settings, log } = read(root, { enabled: 'perhaps' });
    assert.equal(settings, defaults);
    assert.is(log.length, 1);
  });

  test('source: a list, of which bad entries are left out', () => {
    const good = ['https://mirror.example.org:8443/a_b~c/', 'https://pkgs.tailscale.com'];
    assert.equal(read(root, { source: good }).settings.TSR_SOURCE, good.join(' '));
    const bad = [
      'http://mirror.example.org',
      'https://',
      'https://user:word@example.org',
      'https://a/$(id)',
      'https://a/*',
      '*',
      '--help'
    ];
    for (const entry of bad) {
      const { settings, log } = read(root, { source: [entry, 'https://mirror.example.org'] });
      assert.equal(settings, { ...defaults, TSR_SOURCE: 'https://mirror.example.org' });
      assert.is(log.length, 1);
    }
    assert.equal(read(root, { source: bad }).settings, defaults);
    assert.is(read(root, { mirror: bad }).log.length, bad.length);
  });

  test.run();
}

function read(root: InstalledRoot, configuration: Record<string, string | string[]>) {
  root.configure(configuration);
  return readAsConfigured(root);
}

function readAsConfigured(root: InstalledRoot): { settings: Record<Setting, string>; log: string[] } {
  root.write('tmp/log', '');
  const own = ['enabled', 'port', 'debug_port', 'tun', 'log_level', 'state_file']
    .map((name) => `"${name}=$${name}"`)
    .join(' ');
  const script = `. /lib/functions.sh; . /usr/libexec/tailscale-ram/settings; read_settings; with_settings printf '%s\\000' ${own}`;
  const { code, stdout, stderr } = root.run(['/bin/sh', '-c', script]);
  assert.equal({ code, stderr }, { code: 0, stderr: '' });
  const entries = stdout
    .split('\0')
    .slice(0, -1)
    .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]);
  return {
    settings: Object.fromEntries(entries) as Record<Setting, string>,
    log: root.read('tmp/log').split('\n').slice(0, -1)
  };
}
