import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withoutComments } from '../../build/bootstrap.ts';
import { sleep, waitFor } from '../../dev/tailnet/wait.ts';
import { takeOverErrors, takeOverPhases, type TakeOverState } from '../../src/shared/take-over-state.ts';
import { debianRoot, openWrtRoots, type InstalledRoot } from '../support/installed-root.ts';

/** Around the script, everything is replaced by what takes notes; what it switches off and on is real. */

const program = '/usr/libexec/tailscale-ram/take-over';
const ours = 'etc/tailscale/tailscaled.state';
const others = 'opt/others.state';
const record = '/etc/tailscale-ram/taking-over';
const crontab = '# m h\n*/5 * * * * pidof tailscaled || /tmp/tailscaled &\n1 1 * * * true\n';
const rcLocal = 'if true; then\n\t/tmp/tailscaled & # at boot\nfi\nexit 0\n';

// Each takes half a minute.
for (const root of [await debianRoot('dash'), ...(await openWrtRoots()).slice(0, 1)]) {
  const test = suite(`take-over on ${root.name}`);

  test.before(() => {
    for (const [name, script] of Object.entries(replaced)) root.write(name, script, 0o755);
    succeed(root, 'mkdir /tmp/tailscale; cp /bin/sh /tmp/tailscale');
  });
  test.before.each(async () => {
    root.configure({});
    succeed(root, 'rm -rf /etc/tailscale /etc/tailscale-ram /etc/rc.d /var/run/tailscale-ram/* /tmp/started');
    succeed(
      root,
      'mkdir -p /etc/rc.d /etc/tailscale /etc/tailscale-ram; echo NeedsLogin >/tmp/backend-state'
    );
    root.write('etc/init.d/other', script, 0o755);
    succeed(root, 'for link in S80other K10other; do ln -s ../init.d/other /etc/rc.d/$link; done');
    root.write('etc/crontabs/root', crontab, 0o600);
    root.write('etc/rc.local', rcLocal);
    root.write(others, identity('others'), 0o600);
    succeed(root, '/etc/init.d/other start');
    await waitFor('it runs', 5, runs);
  });
  test.after.each(() => {
    root.run(['/etc/init.d/other', 'stop']);
  });
  test.after(() => {
    root.close();
  });

  test('with success: all is switched off, the identity is the other one’s, ours is kept', async () => {
    root.write(ours, identity('ours'), 0o600);
    succeed(root, 'echo Running >/tmp/backend-state');
    assert.equal(await takeOver(root), { phase: 'taken', error: null });
    assert.is(root.read(ours), identity('others'));
    assert.is(root.read(others), identity('others'));
    assert.is(root.run(['ls', '/etc/rc.d']).stdout, '');
    const kept = '/etc/tailscale-ram/taken-over';
    assert.is(
      succeed(root, `cd ${kept} && find . -type f -o -type l | sort`),
      './rc.d/K10other\n./rc.d/S80other\n./tailscaled.state\n'
    );
    assert.is(root.read(`${kept}/tailscaled.state`), identity('ours'));
    assert.is(root.read('etc/crontabs/root'), crontab.replace('*/5', '#switched off by tailscale-ram: */5'));
    succeed(root, 'sh /etc/rc.local');
    assert.is(runs(), false);
  });

  test('in vain: all is as it was, and the other one runs', async () => {
    root.write(ours, identity('ours'), 0o600);
    const before = snapshot(root);
    const { phase, error } = await takeOver(root);
    assert.is(phase, 'returned');
    assert.is(error?.code, 'not-running');
    assert.is(snapshot(root), before);
    assert.ok(runs());
  });

  test('killed at any moment: the next start leads back', async () => {
    root.write(ours, identity('ours'), 0o600);
    const before = snapshot(root);
    for (const milliseconds of [100, 500, 1300, 2100]) {
      ask(root);
      const child = root.spawn([program]);
      await sleep(milliseconds);
      child.kill('SIGKILL');
      await sleep(100);
      if (root.run(['test', '-d', record]).code === 0) {
        // Whatever was being copied.
        root.write(`${ours}.new`, 'half', 0o600);
        root.write('etc/tailscale/certs.new/half', 'half');
        succeed(root, 'rm -f /var/run/tailscale-ram/take-over.*; ' + program);
        assert.is(stateOf(root).phase, 'returned');
      }
      assert.is(snapshot(root), before, `after ${milliseconds} ms`);
      assert.ok(runs());
    }
  });

  test('lines that cannot be taken out of a script stay, and so does the other one', async () => {
    root.write('etc/rc.local', 'if [ -x /tmp/tailscaled ]; then\n\ttrue\nfi\n/tmp/tailscaled &\n');
    const before = snapshot(root);
    const { phase, error } = await takeOver(root);
    assert.is(phase, 'returned');
    assert.is(error?.code, 'not-stopped');
    assert.match(error?.detail ?? '', '/etc/rc.local');
    assert.is(snapshot(root), before);
    assert.ok(runs());
  });

  test('one that nothing starts at boot is started as it was', async () => {
    root.run(['/etc/init.d/other', 'stop']);
    await waitFor('it has ended', 5, () => !runs());
    succeed(root, 'rm -f /tmp/started /etc/rc.d/* /etc/crontabs/root /etc/rc.local');
    succeed(
      root,
      "cd /opt; A='two words' setsid /tmp/tailscaled --state others.state '' 'x y' >/dev/null 2>&1 &"
    );
    // Its line comes in pieces.
    await waitFor(
      'it runs',
      5,
      () => runs() && root.run(['grep', '-qx', '.*x y||', '/tmp/started']).code === 0
    );
    await waitFor('all is written', 5, () => root.read('tmp/started').endsWith('\n'));
    const before = root.read('tmp/started');
    const { error } = await takeOver(root);
    assert.is(error?.code, 'not-running');
    assert.is(root.read(ours), identity('others'));
    assert.is(root.read('tmp/started'), before + before);
    assert.match(before, '/opt|two words|--state|others.state||x y||\n');
  });

  test('where it is logged out, ours need not be logged in', async () => {
    root.write(others, '{"_machinekey":"cHI="}');
    const { phase } = await takeOver(root);
    assert.is(phase, 'taken');
    assert.is(root.run(['cat', `/${ours}`]).code === 0, false);
  });

  test('nothing is touched where there is none, ours is off, or cannot be fetched', async () => {
    root.configure({ enabled: '0' });
    assert.is((await takeOver(root)).error?.code, 'not-enabled');
    root.configure({ track: 'unstable' });
    const { phase, error } = await takeOver(root);
    assert.is(phase, 'refused');
    assert.equal(error, { code: 'fetch-failed', detail: 'tailscaled could not be fetched: memory-low' });
    assert.ok(runs());
    root.configure({});
    root.run(['/etc/init.d/other', 'stop']);
    await waitFor('it has ended', 5, () => !runs());
    succeed(root, 'rm /etc/rc.d/* /etc/crontabs/root /etc/rc.local');
    assert.is((await takeOver(root)).error?.code, 'nothing-found');
    assert.is(root.run(['test', '-d', record]).code, 1);
  });

  test('what it says is what others expect', () => {
    const source = readFileSync(new URL(`../../files${program}`, import.meta.url), 'utf8');
    const text = withoutComments(source);
    const said = (pattern: RegExp) =>
      [...new Set([...text.matchAll(pattern)].map((match) => match[1]))].sort();
    assert.equal(said(/\b(?:enter|end) ([a-z]+)/g), [...takeOverPhases].sort());
    assert.equal(said(/\b(?:refuse|go_back) ([a-z-]+)/g), [...takeOverErrors].sort());
  });

  test.run();
}

function ask(root: InstalledRoot): void {
  succeed(root, `mkdir -p ${record}; touch /var/run/tailscale-ram/take-over.asked; rm -f /tmp/is-asked`);
}

async function takeOver(root: InstalledRoot): Promise<Omit<TakeOverState, 'since'>> {
  ask(root);
  const child = root.spawn(['/usr/bin/env', 'TSR_TAKE_OVER_S=1', program]);
  await waitFor('it has ended', 40, () => child.exitCode !== null);
  const { phase, error } = stateOf(root);
  return { phase, error };
}

function stateOf(root: InstalledRoot): TakeOverState {
  return JSON.parse(root.read('var/run/tailscale-ram/take-over.json')) as TakeOverState;
}

/** Whatever a user may have put there. */
function snapshot(root: InstalledRoot): string {
  return succeed(
    root,
    'cd /etc; ls -l rc.d crontabs rc.local; cat crontabs/* rc.local; cat tailscale/*; find tailscale-ram tailscale'
  )
    .replace(/^total.*/gm, '')
    .replace(/ \w{3} +\d+ [\d:]+ /g, ' ');
}

/** Whether another daemon does; nobody here waits for those that have ended. */
function runs(): boolean {
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.includes('(tailscaled)') && !stat.includes(') Z');
  });
}

function succeed(root: InstalledRoot, script: string): string {
  const { code, stdout, stderr } = root.run(['/bin/sh', '-c', script]);
  assert.is(code, 0, `${script}: ${stderr}`);
  return stdout;
}

function identity(key: string): string {
  return JSON.stringify({ _machinekey: key, 'profile-1': key });
}

const script = `#!/bin/sh
case $1 in
start) setsid /tmp/tailscaled --state=/${others} >/dev/null 2>&1 & ;;
stop) for pid in $(cd /proc && grep -l '^tailscaled$' [0-9]*/comm); do kill \${pid%/comm}; done ;;
esac
`;

const replaced = {
  // By a shell of its own: scripts are no daemons.
  'tmp/tailscaled': `#!/tmp/tailscale/sh
{ pwd; echo "$A"; printf '%s|' "$@"; echo; } | tr '\\n' '|' >>/tmp/started
echo >>/tmp/started
while :; do sleep 1; done
`,
  'usr/libexec/tailscale-ram/bootstrap': `#!/bin/sh
[ "$TSR_TRACK" = stable ] && exit
echo '{"phase":"blocked","error":{"code":"memory-low","detail":""}}' >/var/run/tailscale-ram/fetch.json
exit 1
`,
  'etc/init.d/tailscale-ram': '#!/bin/sh\n',
  // The other one is not asked.
  'usr/bin/ucode': `#!/bin/sh
[ ! -e /tmp/is-asked ] || echo "\\"BackendState\\": \\"$(cat /tmp/backend-state)\\""
touch /tmp/is-asked
`,
  'bin/ubus': '#!/bin/sh\n',
  'usr/bin/jsonfilter': '#!/bin/sh\nprintf "blocked\\nmemory-low\\n"\n'
};
