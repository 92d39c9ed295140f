import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseRootfs } from '../../dev/router/choose-rootfs.ts';
import { run, succeed } from '../../dev/tailnet/command.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { OwnCache } from '../support/own-cache.ts';

const test = suite('router: npm run router');
const script = fileURLToPath(new URL('../../dev/router/command.ts', import.meta.url));
const cache = new OwnCache();
const { rootfs, note } = await chooseRootfs();

test.after(async () => {
  await router('down');
  cache.remove();
});

test('without a router each command says so, and a wrong one how it is used', async () => {
  for (const args of [['exec', 'true'], ['shell'], ['reboot'], ['power-cut'], ['down']]) {
    const { code, stderr } = await router(...args);
    assert.is(code, 1);
    assert.match(stderr, /^There is no router: /);
  }
  for (const args of [[], ['exec'], ['jump'], ['down', 'now']]) {
    const { code, stderr } = await router(...args);
    assert.is(code, 2);
    assert.match(stderr, /^npm run router -- COMMAND/);
  }
});

if (rootfs) {
  let before: string[];

  test('up boots a router, one at a time', async () => {
    before = await traces();
    const up = await router('up', rootfs.release);
    assert.is(up.code, 0, up.stderr);
    assert.match(up.stdout, /^OpenWrt \S+ has booted, and the package is installed/);
    assert.is((await router('exec', '/etc/init.d/tailscale-ram', 'enabled')).code, 0);
    const second = await router('up');
    assert.is(second.code, 1);
    assert.match(second.stderr, /^There is one already/);
  });

  test('exec passes arguments, input, output and exit code through', async () => {
    const echo = await router('exec', 'printf', '<%s>', 'two words', '$HOME', '');
    assert.equal(echo, { code: 0, stdout: '<two words><$HOME><>', stderr: '' });
    assert.is((await router('exec', 'sh', '-c', 'exit 7')).code, 7);
    assert.is((await router('exec', 'sh', '-c', 'kill -9 $$')).code, 137);
    assert.is((await router('exec', 'no-such-program')).code, 127);
    assert.is((await run([...command('exec', 'wc', '-c')], { input: 'four' })).stdout.trim(), '4');
    assert.is((await run([...command('shell')], { input: 'uname -n; exit 3\n' })).code, 3);
  });

  for (const name of ['reboot', 'power-cut']) {
    test(`${name}: what was in RAM is gone, what was on flash is not`, async () => {
      await router('exec', 'sh', '-c', 'touch /tmp/ram /etc/flash && sync');
      assert.is((await router(name)).code, 0);
      assert.is((await router('exec', 'ls', '/tmp/ram')).code, 1);
      assert.is((await router('exec', 'ls', '/etc/flash')).code, 0);
    });
  }

  test('one that is switched off from inside boots again', async () => {
    await router('exec', 'touch', '/tmp/ram');
    await router('exec', 'reboot');
    const hasBooted = async () => {
      const { stdout } = await router('exec', 'sh', '-c', 'test -e /tmp/ram || echo gone');
      return stdout === 'gone\n';
    };
    await waitFor('it has booted', 60, hasBooted, 2000);
  });

  test('down leaves nothing', async () => {
    assert.is((await router('down')).code, 0);
    assert.equal(await traces(), before);
    assert.is((await router('exec', 'true')).code, 1);
  });
} else {
  console.log(`skipped: ${note}`);
}

test.run();

function router(...args: string[]) {
  return run(command(...args), { timeout: 60 });
}

/** `npm run router -- ARGS`. */
function command(...args: string[]): string[] {
  const environment = Object.entries(cache.environment).map(([name, value]) => `${name}=${value ?? ''}`);
  return ['env', ...environment, process.execPath, ...process.execArgv, script, ...args];
}

/** Processes that live longer than a moment, mounts, interfaces, and files in the cache. */
async function traces(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const names = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tZ'))
  );
  const alive = names.filter((status) => !/^State:\tZ/m.test(status)).map((status) => status.split('\n')[0]);
  return [
    ...alive.map((line) => line ?? ''),
    await succeed(['cat', '/proc/mounts']),
    await succeed(['ip', '-brief', 'link']),
    ...(await readdir(cache.folder))
  ];
}
