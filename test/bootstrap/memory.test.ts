import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { waitFor } from '../../dev/tailnet/wait.ts';
import { Cases, type Fixture } from './cases.ts';
import { latest, latestRelease } from './real-release.ts';
import * as small from './small-release.ts';

const cases = new Cases('memory', 4);
const mebibyte = 1024 * 1024;

/** A router whose kernel reports this much memory, in MiB. */
async function withMemory({ sandbox }: Fixture, free: number, { total = 128, swap = 0 } = {}): Promise<void> {
  const file = join(sandbox.directory, 'meminfo');
  const lines = [
    `MemTotal: ${total * 1024} kB`,
    `MemAvailable: ${free * 1024} kB`,
    `SwapFree: ${swap * 1024} kB`
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  sandbox.env['TSR_MEMINFO'] = file;
}

const daemon = Math.ceil((latest.kept.tailscaled * 1.05) / mebibyte);
const both = Math.ceil(((latest.kept.tailscaled + latest.kept.tailscale) * 1.05) / mebibyte);

function archives({ mirror }: Fixture): number {
  return mirror.requests.filter(({ path }) => path.endsWith('.tgz')).length;
}

cases.add('with room for both, both are kept', async (router) => {
  router.sandbox.env['TSR_RESERVE_MB'] = '20';
  await withMemory(router, both + 21);
  router.sandbox.start();
  await router.sandbox.until(({ phase }) => phase === 'running');
  assert.equal(router.sandbox.binaries(), ['tailscale', 'tailscaled']);
});

cases.add('with room for one, it is the daemon', async (router) => {
  router.sandbox.env['TSR_RESERVE_MB'] = '20';
  await withMemory(router, both + 19);
  router.sandbox.start();
  await router.sandbox.until(({ phase }) => phase === 'running');
  assert.equal(router.sandbox.binaries(), ['tailscaled']);
});

cases.add('with room for none, it says so with numbers and downloads nothing', async (router) => {
  const { sandbox } = router;
  sandbox.env['TSR_RESERVE_MB'] = '20';
  await withMemory(router, daemon + 18);
  sandbox.start();
  const state = await sandbox.failure();
  assert.is(state.phase, 'blocked');
  assert.is(state.retry_in, 600);
  assert.is(state.error?.code, 'memory-low');
  assert.match(state.error?.detail ?? '', new RegExp(`20 MB .*${daemon + 18} MB are free`));
  assert.is(archives(router), 0);
});

cases.add('with TSR_CLI=always, room for one is not enough', async (router) => {
  Object.assign(router.sandbox.env, { TSR_RESERVE_MB: '20', TSR_CLI: 'always' });
  await withMemory(router, both + 18);
  router.sandbox.start();
  assert.is((await router.sandbox.failure()).error?.code, 'memory-low');
  assert.is(archives(router), 0);
});

cases.add('swap that is free counts', async (router) => {
  router.sandbox.env['TSR_RESERVE_MB'] = '20';
  await withMemory(router, daemon - 10, { swap: 64 });
  router.sandbox.start();
  await router.sandbox.until(({ phase }) => phase === 'running');
});

cases.add('by itself it leaves room for the daemon at login', async (router) => {
  await withMemory(router, daemon + 5);
  router.sandbox.start();
  assert.is((await router.sandbox.failure()).error?.code, 'memory-low');
});

cases.add(
  'the size of the RAM directory’s file system counts',
  async (router) => {
    router.sandbox.start();
    assert.is((await router.sandbox.failure()).error?.code, 'memory-low');
    assert.is(archives(router), 0);
  },
  { megabytes: 20 }
);

cases.add(
  'a RAM directory that fills up in the middle',
  async ({ sandbox, mirror }) => {
    // Slow enough for it to be full before the end, however busy this machine is.
    mirror.setFault({ kind: 'rate', on: 'archive', bytesPerSecond: 4_000_000 });
    sandbox.start();
    await sandbox.until(({ bytes }) => bytes > 5_000_000);
    // As much as there is room for.
    await writeFile(join(sandbox.directory, 'ram/somebody-else'), Buffer.alloc(70 * mebibyte)).catch(
      () => undefined
    );
    const state = await sandbox.failure();
    assert.is(state.error?.code, 'disk-full');
    assert.equal(sandbox.binaries(), []);
  },
  { megabytes: 70, release: latestRelease }
);

cases.add(
  'memory that goes away in the middle',
  async (router) => {
    const { sandbox, mirror } = router;
    sandbox.env['TSR_RESERVE_MB'] = '20';
    await withMemory(router, both + 30);
    mirror.setFault({ kind: 'rate', on: 'archive', bytesPerSecond: 4_000_000 });
    sandbox.start();
    await sandbox.until(({ bytes }) => bytes > 5_000_000);
    await withMemory(router, 15);
    const state = await sandbox.failure();
    assert.is(state.error?.code, 'memory-low');
    assert.equal(sandbox.binaries(), []);
  },
  { release: latestRelease }
);

for (const sizes of [{ index: true }, { files: true }]) {
  cases.add(
    `sizes that a mirror tells (${Object.keys(sizes).join('')}) are believed`,
    async (router) => {
      router.sandbox.env['TSR_RESERVE_MB'] = '20';
      await withMemory(router, Math.ceil(small.latest.kept.tailscaled / mebibyte) + 20);
      router.sandbox.start();
      await router.sandbox.until(({ phase }) => phase === 'running');
    },
    { sizes }
  );
}

cases.add('without them the table counts, and five per cent', async (router) => {
  router.sandbox.env['TSR_RESERVE_MB'] = '20';
  await withMemory(router, Math.ceil(latest.kept.tailscaled / mebibyte) + 20);
  router.sandbox.start();
  assert.is((await router.sandbox.failure()).error?.code, 'memory-low');
});

cases.add("where memory ends, the daemon goes before the router's own services", async ({ sandbox }) => {
  const score = async (): Promise<number> =>
    Number(await readFile(`/proc/${sandbox.child?.pid ?? 0}/oom_score_adj`, 'utf8'));
  sandbox.start();
  assert.is(await score(), 0);
  await sandbox.until(({ phase }) => phase === 'running');
  await waitFor('the kernel is told', 5, async () => (await score()) === 500);
});

cases.run();
