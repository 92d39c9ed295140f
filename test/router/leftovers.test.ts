import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findRootfs, noRootfs } from '../../dev/router/rootfs.ts';
import { OpenWrt } from '../../dev/router/router.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { sleep, waitFor } from '../../dev/tailnet/wait.ts';

const test = suite('a router that is killed');
const [rootfs] = await findRootfs();

if (rootfs) {
  test('leaves nothing when what runs the tests is killed', async () => {
    // Told from others' by the name of its flash disk.
    const directory = `/run/killed-${process.pid}-${Date.now()}`;
    const script = fileURLToPath(new URL('keeper.ts', import.meta.url));
    const before = await machine();
    const keeper = spawn(process.execPath, ['--import', 'tsx', script, rootfs.tree, directory]);
    let said = '';
    keeper.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitFor('the router has booted', 40, () => said.includes('booted'));
    assert.is((await flashDisks(directory)).length, 1);
    const running = await machine();
    assert.ok(running.processes.length > before.processes.length);
    assert.ok(running.networks.length > before.networks.length);
    const cgroups = await routerCgroups();
    assert.is(cgroups.length, 1);

    keeper.kill('SIGKILL');
    await waitFor('its flash disk is gone', 10, async () => (await flashDisks(directory)).length === 0);
    await waitFor('its cgroup is gone', 10, () => !cgroups.some((path) => existsSync(path)));
    await waitFor('its processes are gone', 10, async () => {
      return (await machine()).processes.length === before.processes.length;
    });
    assert.equal(await machine(), before);
  });

  test('a router goes though what was started in it has lost who did', async () => {
    const directory = `/run/orphan-${process.pid}-${Date.now()}`;
    const router = await OpenWrt.create({ rootfs, directory });
    await router.powerOn('none');
    let parent: ChildProcess | undefined;
    await router.exec('exec >/dev/null 2>&1; echo 1 >/tmp/began; sleep 1; echo 1 >/tmp/ended', {
      started(child) {
        parent = child;
        void waitFor('it has begun', 10, () => router.read('tmp/began')).then(() => child.kill('SIGKILL'));
      }
    });
    assert.is(parent?.signalCode, 'SIGKILL');
    await waitFor('it has ended', 10, () => router.read('tmp/ended'));
    await Promise.race([
      router.remove(),
      sleep(10_000).then(() => {
        throw new Error('it is still there');
      })
    ]);
  });
} else {
  console.log(`skipped: ${noRootfs}`);
}

test.run();

/** What there is in the namespaces of this test, in which the router made its own. */
async function machine() {
  const all = await processes();
  const networks = all.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => ''));
  return {
    processes: all,
    networks: [...new Set(await Promise.all(networks))].sort(),
    mounts: (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').sort(),
    links: await readdir('/sys/class/net'),
    firewall: await succeed(['nft', 'list', 'ruleset'])
  };
}

/** Without those that have ended and that nobody has asked about yet. */
async function processes(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z'))
  );
  return pids.filter((_, index) => !stats[index]?.includes(') Z'));
}

/** In which those processes are. */
async function routerCgroups(): Promise<string[]> {
  const texts = (await processes()).map((pid) => readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''));
  const found = (await Promise.all(texts)).flatMap((text) =>
    [...text.matchAll(/^\d+:(memory|):(.*tailscale-ram-router-.*)$/gm)].map(
      ([, controller = '', path = '']) => join('/sys/fs/cgroup', controller, path)
    )
  );
  return [...new Set(found)];
}

/** Loop devices whose file lies there, for whoever in whatever namespace. */
async function flashDisks(directory: string): Promise<string[]> {
  const disks = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
  const files = disks.map((name) =>
    readFile(join('/sys/block', name, 'loop/backing_file'), 'utf8').catch(() => '')
  );
  return (await Promise.all(files)).filter((file) => file.includes(directory.slice('/run'.length)));
}
