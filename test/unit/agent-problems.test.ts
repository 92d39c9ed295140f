import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { archs } from '../../src/shared/arch.ts';
import type { BootstrapState } from '../../src/shared/bootstrap-state.ts';
import { errors } from '../../src/shared/errors.ts';
import { problems as known, type Problem } from '../../src/shared/problems.ts';
import type { Status } from '../../src/shared/status.ts';
import { minimumVersion32Bit } from '../../src/shared/versions.ts';
import { agentModules } from '../support/agent-modules.ts';

const now = 1_800_000_000;
const day = 86_400;

const bootstrap: BootstrapState = {
  phase: 'running',
  since: 20,
  attempt: 1,
  version: '1.102.5',
  arch: 'mipsle',
  build: 'official',
  bytes: 1,
  total: 1,
  retry_in: null,
  error: null
};

const self = {
  id: 'nSELF',
  name: 'router.tail1.ts.net',
  host_name: 'router',
  addresses: ['100.64.0.9', 'fd7a:115c:a1e0::9'],
  owner: 'me@example.com',
  tags: [],
  key_expiry: now + 100 * day,
  online: true,
  relay: 'fra'
};

const status: Status = {
  bootstrap,
  daemon: true,
  state: 'Running',
  version: '1.102.5',
  newest: { version: '1.102.5', security: false },
  login_server: 'https://controlplane.tailscale.com',
  login_url: null,
  self,
  tailnet: { name: 'me@example.com', suffix: 'tail1.ts.net', magic_dns: true },
  exit_node: null,
  routes: { offered: ['192.168.1.0/24'], approved: ['192.168.1.0/24'] },
  traffic: null,
  memory: { daemon: null, agent: null, files: 0, total: 61_000_000, free: 20_480_000 },
  unconfirmed: null,
  problems: []
};

const shortOfMemory = { memory: { ...status.memory, free: 5000 * 1024 } };

const path = (bytes: number): object => ({ received: bytes, sent: bytes });
const traffic = (relay: number, direct: number): object => ({
  relay: path(relay),
  direct_ipv4: path(direct),
  direct_ipv6: path(0),
  peer_relay: path(0)
});

const well = {
  now,
  uptime: 10_000,
  daemon_since: 100,
  have_node_key: true,
  warnings: {},
  login_error: null,
  traffic: traffic(300_000, 5),
  udp: null,
  starts: '120 0 0 0 1.102.5\n',
  identity_readable: true,
  flash_free_kib: 4000,
  overridden: [],
  provision: null,
  take_over: null,
  watchdog: {},
  network: { findings: [], refused: null }
};

const login = (words: string): object => ({
  'login-state': {
    Severity: 'medium',
    Text: `You are logged out. The last login error was: ${words}`,
    Args: { error: words }
  }
});
const unreachable =
  'fetch control key: Get "https://controlplane.tailscale.com/key?v=140": dial tcp 1.2.3.4:443: i/o timeout';

for (const module of await agentModules('problems')) {
  const test = suite(`problems on ucode ${module.release}`);
  const find = (facts: object = {}, state: Partial<Status> = {}): Problem[] =>
    module.call('findProblems', { ...well, status: { ...status, ...state }, ...facts }) as Problem[];
  const codes = (facts: object = {}, state: Partial<Status> = {}): string[] =>
    find(facts, state).map(({ code }) => code);
  const only = (facts: object = {}, state: Partial<Status> = {}): Problem => {
    const found = find(facts, state);
    assert.is(found.length, 1, JSON.stringify(found));
    return found[0] as Problem;
  };

  test('nothing is wrong with a router that is well', () => {
    assert.equal(find(), []);
  });

  test('or of which little is known yet', () => {
    const none = Object.fromEntries(Object.keys(status).map((key) => [key, null])) as unknown as Status;
    assert.equal(
      find(
        {
          have_node_key: false,
          traffic: null,
          starts: null,
          uptime: 20,
          daemon_since: 0
        },
        { ...none, daemon: false, memory: status.memory, routes: { offered: [], approved: [] } }
      ),
      []
    );
  });

  test('every error of the bootstrap, with what to do', () => {
    for (const [code, then] of Object.entries(errors)) {
      const error = { code: code as keyof typeof errors, detail: `why ${code}` };
      const phase = then === 'running' ? 'running' : then;
      const problem = only(
        { daemon_since: 9990 },
        { daemon: then === 'running', bootstrap: { ...bootstrap, phase, error } }
      );
      assert.is(problem.code, code);
      assert.is(problem.arguments['detail'], `why ${code}`);
      assert.is(problem.severity, then === 'blocked' ? 'error' : 'warning');
      const remedy = code === 'version-missing' ? 'pin' : 'retry';
      const alone = then === 'running' || ['arch-unsupported', 'other-tailscaled'].includes(code);
      assert.is(problem.remedy?.method, alone ? undefined : remedy, code);
    }
  });

  test('nothing is to be tried again while another version runs instead', () => {
    const error = { code: 'run-check-failed', detail: '1.104.0 did not work here' } as const;
    assert.is(only({}, { bootstrap: { ...bootstrap, error } }).remedy, null);
    const crashed = { code: 'daemon-crashed', detail: '1.104.0 ended; 1.102.5 runs instead' } as const;
    assert.is(only({}, { bootstrap: { ...bootstrap, error: crashed } }).remedy, null);
  });

  test('a daemon that does not answer, after a minute', () => {
    const stale = { daemon_since: 9950, warnings: { old: { Text: 'old' } } };
    assert.equal(codes(stale, { daemon: false, state: null }), []);
    assert.equal(codes({ daemon_since: 9930 }, { daemon: false, state: null }), ['daemon-unreachable']);
    assert.equal(
      codes(
        { daemon_since: 0 },
        { daemon: false, state: null, bootstrap: { ...bootstrap, phase: 'downloading' } }
      ),
      []
    );
  });

  test('a daemon that crashes again and again, until it has lived for ten minutes', () => {
    const problem = only({ starts: '9990 3 1 2 1.102.5\n' });
    assert.is(problem.code, 'daemon-crash-loop');
    assert.equal(problem.arguments, { deaths: 3, starved: 2 });
    assert.is(problem.remedy?.method, 'rollback');
    assert.equal(codes({ starts: '9990 3 1 0 1.102.5\n' }), []);
    assert.equal(codes({ starts: '9000 3 3 0 1.102.5\n' }), []);
    assert.equal(codes({ starts: 'what is that\u0000' }), []);
  });

  test('a control server out of reach is not called logged out', () => {
    const lost: Partial<Status> = { state: 'NoState', self: { ...self, addresses: [] } };
    const problem = only({ warnings: login(unreachable) }, lost);
    assert.is(problem.code, 'control-unreachable');
    assert.is(problem.arguments['message'], unreachable);
    assert.is(problem.remedy?.method, 'rebind');
    assert.equal(codes({ warnings: login('something else') }, lost), ['control-unreachable']);
    assert.equal(codes({ daemon_since: 9900 }, lost), ['control-unreachable']);
    assert.equal(codes({ daemon_since: 9990 }, lost), []);
    assert.equal(codes({ warnings: login(unreachable), have_node_key: false }, { state: 'NeedsLogin' }), [
      'control-unreachable'
    ]);
    assert.equal(codes({ warnings: { 'not-in-map-poll': { Text: 'Unable to connect' } } }), [
      'control-unreachable'
    ]);
  });

  test('logged out, and a login that the server refused, in its words', () => {
    const out: Partial<Status> = { state: 'NeedsLogin', self: null };
    const logged = only(
      { have_node_key: false, warnings: { 'login-state': { Text: 'You are logged out.' } } },
      out
    );
    assert.is(logged.code, 'logged-out');
    assert.is(logged.remedy?.method, 'login');
    const refused = only(
      { have_node_key: false, login_error: 'invalid key: API key kX does not exist' },
      out
    );
    assert.is(refused.code, 'login-refused');
    assert.is(refused.arguments['message'], 'invalid key: API key kX does not exist');
    assert.equal(codes({ have_node_key: false, warnings: login('auth key expired') }, out), [
      'login-refused'
    ]);
    assert.equal(codes({ login_error: 'old words' }), [], 'it runs');
    assert.equal(codes({ login_error: 'old words' }, { state: 'Stopped' }), [], 'switched off');
  });

  test('a key that expired or soon will, with where to turn that off', () => {
    const expires = (left: number): Partial<Status> => ({ self: { ...self, key_expiry: now + left } });
    const soon = only({}, expires(3 * day + 100));
    assert.is(soon.code, 'key-expires-soon');
    assert.equal(soon.arguments, {
      expiry: now + 3 * day + 100,
      days: 3,
      admin: 'https://login.tailscale.com/admin/machines/100.64.0.9'
    });
    assert.is(soon.remedy?.method, 'reauth');
    assert.is(
      only({}, { ...expires(day), login_server: 'https://headscale.example' }).arguments['admin'],
      'https://headscale.example'
    );
    assert.equal(codes({}, expires(30 * day)), []);
    assert.equal(codes({}, { self: { ...self, key_expiry: null } }), []);
    assert.equal(codes({}, { ...expires(-5), state: 'NeedsLogin' }), ['key-expired']);
    assert.equal(codes({}, { ...expires(100 * day), state: 'NeedsLogin' }), ['logged-out']);
    assert.equal(codes({}, expires(-5)), [], 'it runs: the clock is wrong');
  });

  test('a machine that waits for approval, and routes that do', () => {
    assert.equal(codes({}, { state: 'NeedsMachineAuth' }), ['approval-needed']);
    const routes = { offered: ['10.0.0.0/8', '0.0.0.0/0', '::/0'], approved: ['10.0.0.0/8'] };
    const problem = only({}, { routes });
    assert.is(problem.code, 'routes-unapproved');
    assert.equal(problem.arguments['routes'], ['0.0.0.0/0', '::/0']);
    const many = { offered: Array.from({ length: 256 }, (_, i) => `10.0.${i}.0/24`), approved: [] };
    assert.is(only({}, { routes: many }).arguments['count'], 256);
    assert.is((only({}, { routes: many }).arguments['routes'] as string[]).length, 8);
    assert.equal(codes({}, { routes, state: 'Stopped' }), []);
  });

  test('no UDP, and only relayed', () => {
    assert.equal(codes({ udp: false, traffic: traffic(300_000, 0) }), ['no-udp']);
    assert.equal(codes({ warnings: { 'no-udp4-bind': { Text: 'x' } } }), ['no-udp']);
    assert.equal(codes({ traffic: traffic(300_000, 0) }), ['only-relayed']);
    assert.equal(codes({ traffic: traffic(1000, 0) }), []);
    assert.equal(codes({ traffic: null }), []);
  });

  test('an exit node that is away', () => {
    const problem = only({}, { exit_node: { id: 'nX', name: 'exit', online: false } });
    assert.is(problem.arguments['name'], 'exit');
    assert.equal(problem.remedy, { method: 'exit_node', arguments: {} });
    assert.equal(codes({}, { exit_node: { id: 'nX', name: 'exit', online: true } }), []);
  });

  test('a version with known faults on this processor, by the table of architectures', () => {
    for (const [arch, { bits }] of Object.entries(archs)) {
      const at = (version: string): string[] =>
        codes({}, { version, newest: null, bootstrap: { ...bootstrap, arch } });
      assert.equal(at('1.98.8-t1a2b3c4d5'), bits === 32 ? ['version-faulty'] : [], arch);
      assert.equal(at(minimumVersion32Bit), []);
      assert.equal(at('1.98.10'), []);
    }
  });

  test('an update, and one for security', () => {
    assert.equal(codes({}, { newest: { version: '1.102.10', security: false } }), ['update-available']);
    const problem = only({}, { newest: { version: '1.104.0', security: true } });
    assert.is(problem.code, 'security-update');
    assert.equal(problem.arguments, { version: '1.102.5', newest: '1.104.0' });
    assert.equal(codes({}, { newest: { version: '1.98.10', security: true } }), []);
  });

  test('an identity that tailscaled cannot make sense of', () => {
    const warnings = { 'state-store-health': { Severity: 'high', Text: 'State store failed to initialize' } };
    const state = { state: 'NoState', self: null, tailnet: null } as const;
    assert.equal(codes({ warnings, have_node_key: false }, state), ['identity-unreadable']);
  });

  test('memory, flash, identity, policy, provision, take-over, watchdog', () => {
    assert.equal(only({}, shortOfMemory).arguments, { available_kib: 5000 });
    assert.is(only({ flash_free_kib: 12 }).code, 'identity-disk-full');
    assert.is(only({ identity_readable: false, flash_free_kib: null }).code, 'identity-unreadable');
    assert.equal(only({ overridden: ['accept-dns'] }).arguments, { names: ['accept-dns'] });
    const provision = only({ provision: { code: 'key-refused', detail: 'invalid key' } });
    assert.equal(provision.arguments, { reason: 'key-refused', message: 'invalid key' });
    const take_over = { phase: 'returned', since: 5, error: { code: 'not-running', detail: 'x' } };
    assert.is(only({ take_over }).arguments['reason'], 'not-running');
    assert.equal(codes({ take_over: { phase: 'taken', since: 5, error: null } }), []);
    assert.equal(only({ watchdog: { rebind: now - 99, restart: now - 9 } }).arguments, {
      action: 'restart',
      at: now - 9
    });
    assert.equal(codes({ watchdog: { reboot: now - day } }), []);
  });

  test('a firewall that does not load, and a zone that is not there', () => {
    const missing = { code: 'zone-missing', arguments: { zone: 'iot' } };
    const told = { code: 'cgnat', arguments: { address: '100.72.0.9/24', interface: 'wan' } };
    assert.equal(only({ network: { findings: [told, missing], refused: null } }).arguments, { zone: 'iot' });
    const { severity, arguments: args } = only({ network: { findings: [], refused: 'no such\nzone' } });
    assert.equal([severity, args], ['error', { message: 'no such zone' }]);
    assert.is(only({ network: { findings: [], refused: 'uncommitted-changes' } }).severity, 'warning');
    const many = Array.from({ length: 99 }, () => missing);
    assert.is(find({ network: { findings: many, refused: null } }).length, 8);
  });

  test("the daemon's other words, each once, cut and counted", () => {
    const warnings = {
      ...login('x'),
      'warming-up': { Severity: 'low', Text: 'Tailscale is starting. Please wait.' },
      'update-available': { Severity: 'low', Text: 'An update' },
      'dns-forward-failing': { Severity: 'high', Text: 'DNS\nfails\u0000' },
      again: { Severity: 'high', Text: 'DNS\nfails\u0000' },
      long: { Severity: 'low', Text: 'ä'.repeat(100_000) },
      wrong: 5,
      none: null,
      list: ['x'],
      text: { Text: { a: 1 } }
    };
    const found = find({ warnings });
    assert.equal(
      found.map(({ code, severity }) => [code, severity]),
      [
        ['health', 'error'],
        ['health', 'info']
      ]
    );
    assert.equal(found[0]?.arguments, { code: 'dns-forward-failing', message: 'DNS fails ' });
    const long = String(found[1]?.arguments['message']);
    assert.match(long, /^ä+…$/);
    assert.ok(Buffer.byteLength(long) <= 300);
    const flood = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`c${i}`, { Text: `t${i}` }]));
    assert.is(find({ warnings: flood }).length, 8);
  });

  test('the worst first, and otherwise in their order', () => {
    const found = find(
      { identity_readable: false, flash_free_kib: 1, overridden: ['x'] },
      { ...shortOfMemory, newest: { version: '9.0.0', security: false }, state: 'NeedsMachineAuth' }
    );
    assert.equal(
      found.map(({ code }) => code),
      [
        'approval-needed',
        'identity-unreadable',
        'identity-disk-full',
        'memory-low-now',
        'update-available',
        'policy-overridden'
      ]
    );
  });

  test('each problem has a severity of the table', () => {
    for (const problem of [...find({ udp: false }, shortOfMemory), only({ overridden: ['x'] })])
      assert.is(problem.severity, known[problem.code as keyof typeof known]);
  });

  test.run();
}
