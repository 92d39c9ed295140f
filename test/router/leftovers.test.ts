import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findRootfs, noRootfs } from '../../dev/router/rootfs.ts';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { spawnIsolated } from '../support/isolated.ts';

const test = suite('a router that is killed');
const [rootfs] = await findRootfs();

if (rootfs) {
  test('leaves no process, and no loop device, when its keeper is killed', async () => {
    // Told from others' by the name of its flash disk.
    const directory = `/run/killed-${process.pid}-${Date.now()}`;
    const script = fileURLToPath(new URL('booted.ts', import.meta.url));
    const keeper = spawnIsolated([process.execPath, '--import', 'tsx', script, rootfs.tree, directory]);
    let said = '';
    keeper.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await waitFor('the router has booted', 40, () => said.includes('booted'));
    assert.is((await flashDisks(directory)).length, 1);
    const processes = (await commandLines()).filter((line) => line.includes(directory));
    assert.ok(processes.length > 0);

    keeper.kill('SIGKILL');
    await waitFor('its flash disk is gone', 10, async () => (await flashDisks(directory)).length === 0);
    await waitFor('its processes are gone', 10, async () =>
      (await commandLines()).every((line) => !line.includes(directory))
    );
  });
} else {
  console.log(`skipped: ${noRootfs}`);
}

test.run();

/** Loop devices whose file lies there, for whoever in whatever namespace. */
async function flashDisks(directory: string): Promise<string[]> {
  const disks = (await readdir('/sys/block')).filter((name) => name.startsWith('loop'));
  const files = disks.map((name) =>
    readFile(join('/sys/block', name, 'loop/backing_file'), 'utf8').catch(() => '')
  );
  return (await Promise.all(files)).filter((file) => file.includes(directory.slice('/run'.length)));
}

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}
