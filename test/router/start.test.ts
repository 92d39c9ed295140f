import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run, succeed } from '../../dev/tailnet/command.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { OwnCache } from '../support/own-cache.ts';
import { releasesToTest } from '../support/router.ts';
import { Luci } from './luci.ts';

const test = suite('router: npm start');
const program = (name: string) => [
  process.execPath,
  ...process.execArgv,
  fileURLToPath(new URL(`../../dev/${name}.ts`, import.meta.url))
];
const cache = new OwnCache();
const environment = Object.entries(cache.environment).map(([name, value]) => `${name}=${value ?? ''}`);
let started: Started | undefined;
test.after.each(async () => {
  started?.interrupt();
  await started?.ended;
});
test.after(() => {
  cache.remove();
});

const releases = (await releasesToTest()).map(({ release }) => release);
for (const release of releases) {
  test(`OpenWrt ${release}: from nothing to LuCI and the tailnet, and away again`, async () => {
    const before = await traces();
    started = new Started('--yes', '--rate=100', `--release=${release}`, '--memory=256', '--peers=3');
    await started.says('until you press Ctrl-C');

    const { said } = started;
    const [url, password] = started.luci;
    const luci = await Luci.login(url, password);
    const overview = await luci.page('admin/status/overview');
    assert.is(overview.status, 200);
    assert.match(overview.html, /view\.status\.index|status\/index/);
    const services = await luci.ubus('rc', 'list', { name: 'tailscale-ram' });
    assert.match(JSON.stringify(services), /"enabled":true,"running":true/);
    for (const guess of ['', 'root'])
      assert.is(await Luci.login(url, guess).catch(() => 'refused'), 'refused');
    assert.equal(await listeners(), ['0100007F']);

    assert.match(said, /Log in: https:\/\/\S+\/register\//);
    assert.match(said, /█▀▀▀|▄▄▄▄▄/);
    assert.match(said, /pong from laptop \(100\.64\.\d+\.\d+\) via \S+:41641/);
    assert.match(said, /Three things to try:\n.*\n.*power-cut.*\n.*shell/);

    const nodes = await router('exec', 'tailscale', 'status');
    assert.match(nodes.stdout, /node-1 [^]*node-2 [^]*node-3 /);
    const cgroup = await cgroupOfRouter();
    assert.ok(existsSync(cgroup), cgroup);

    started.interrupt();
    assert.equal(await started.ended, [0, null], said);
    // Who looks after the cgroup ends right after it.
    await waitFor('all is gone', 1, async () => (await traces()) === before).catch(() => undefined);
    assert.is(await traces(), before);
    assert.not(existsSync(cgroup), cgroup);
    assert.is((await router('exec', 'true')).code, 1);
  });
}

if (releases.length > 0) {
  test('a reboot from LuCI comes back as the same node, with LuCI at the same address', async () => {
    started = new Started('--yes', '--rate=100', `--release=${releases[0] ?? ''}`);
    await started.says('until you press Ctrl-C');
    const [url, password] = started.luci;
    const address = await router('exec', 'tailscale', 'ip', '-4');
    assert.match(address.stdout, /^100\.64\./);
    await router('exec', 'touch', '/tmp/before');

    const second = await run(['env', ...environment, ...program('start')]);
    assert.is(second.code, 1);
    assert.match(second.stdout, /^There is a router already: /);

    const luci = await Luci.login(url, password);
    await luci.ubus('file', 'exec', { command: '/sbin/reboot' });
    await waitFor('it is down', 40, () =>
      Luci.login(url, password).then(
        () => false,
        () => true
      )
    );
    await waitFor('LuCI answers', 60, () => Luci.login(url, password), 250);
    assert.is((await router('exec', 'test', '-e', '/tmp/before')).code, 1);
    const isBack = async () => {
      const { stdout } = await router('exec', 'tailscale', 'status');
      return stdout.startsWith(address.stdout.trim()) && !stdout.includes('NoState');
    };
    await waitFor('the node is back', 30, isBack, 2000);
  });
}

for (const [args, problem] of [
  [['--rate=fast'], /^--rate cannot be 'fast'/],
  [['--memory=lots'], /^--memory cannot be 'lots': it is a whole number from 32 to 4096$/m],
  [['--peers=-1'], /^--peers cannot be '-1'/],
  [['--wan=sometimes'], /^--wan cannot be 'sometimes': it is one of plain, /],
  [['--release=newest'], /^--release cannot be 'newest'/],
  [['--official', '--peers=3'], /^--official is without OpenWrt$/m],
  [['--rootfs=none', '--memory=64'], /^--rootfs=none is without OpenWrt$/m],
  [['--colour'], /--colour/]
] as const) {
  test(`${args.join(' ')} is explained, and nothing happens`, async () => {
    const { code, stdout, stderr } = await run([...program('start'), ...args]);
    assert.is(code, 2);
    assert.is(stdout, '');
    assert.match(stderr, problem);
  });
}

test('a root file system that is none is named, and nothing happens', async () => {
  const { code, stdout } = await run([...program('start'), '--rootfs=/etc']);
  assert.is(code, 1);
  assert.is(stdout, '/etc is no OpenWrt root file system\n');
});

test.run();

/** `npm start` with these arguments, in a group of its own as a shell would make it. */
class Started {
  said = '';
  /** Exit code and signal. */
  readonly ended: Promise<unknown[]>;
  readonly #child: ChildProcess;

  constructor(...args: string[]) {
    const [command = '', ...options] = program('start');
    this.#child = spawn(command, [...options, ...args], { env: cache.environment, detached: true });
    this.ended = once(this.#child, 'close');
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.said += text));
  }

  async says(text: string): Promise<void> {
    const isOver = (): boolean => this.#child.exitCode !== null || this.said.includes(text);
    const late = await waitFor(`it says: ${text}`, 60, isOver).then(() => '', String);
    assert.ok(this.said.includes(text), `${late}\n${this.said}`);
  }

  /** Its LuCI's address and password. */
  get luci(): [string, string] {
    const [, url, password] =
      /LuCI +(http:\/\/127\.0\.0\.1:\d+\/) +\(root, password (\S+)\)/.exec(this.said) ?? [];
    assert.ok(url !== undefined && password !== undefined, this.said);
    return [url, password];
  }

  /** Ctrl-C. */
  interrupt(): void {
    if (this.#child.exitCode === null) process.kill(-(this.#child.pid ?? 0), 'SIGINT');
  }
}

/** `npm run router -- ARGS`. */
function router(...args: string[]) {
  return run(['env', ...environment, ...program('router/command'), ...args]);
}

/** What a careless end would leave here: processes, mounts, interfaces, listeners. */
async function traces(): Promise<string> {
  const commands = [
    ['cat', '/proc/mounts'],
    ['ip', '-brief', 'link']
  ];
  const outputs = await Promise.all(commands.map((command) => succeed(command)));
  return [...outputs, ...(await processes()).map(({ name }) => name), ...(await listeners())].join('\n');
}

/** Addresses that somebody listens on, as /proc has them. */
async function listeners(): Promise<string[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')));
  const rows = tables.join('').matchAll(/^ *\d+: ([0-9A-F]+):[0-9A-F]{4} [0-9A-F]+:0000 0A /gm);
  return [...rows].map(([, address = '']) => address);
}

/** Where the router's memory is limited. */
async function cgroupOfRouter(): Promise<string> {
  const procd = (await processes()).find(({ name }) => name === 'procd');
  const groups = await readFile(`/proc/${procd?.pid ?? ''}/cgroup`, 'utf8');
  const [, one] = /^\d+:memory:(.*)$/m.exec(groups) ?? [];
  if (one !== undefined) return `/sys/fs/cgroup/memory${one}`;
  return `/sys/fs/cgroup${/^0::(.*)$/m.exec(groups)?.[1] ?? ''}`;
}

/** Those that live longer than a moment. Nobody here asks after orphans that have ended. */
async function processes(): Promise<{ pid: string; name: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => ({ pid, status: await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '') }))
  );
  return found
    .filter(({ status }) => !/^State:\tZ/m.test(status))
    .map(({ pid, status }) => ({ pid, name: /^Name:\t(.*)$/m.exec(status)?.[1] ?? '' }))
    .filter(({ name }) => name !== '' && name !== 'ip' && name !== 'cat');
}
