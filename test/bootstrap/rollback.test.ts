import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Release } from '../../dev/mirror/release-index.ts';
import { sleep, waitFor } from '../../dev/tailnet/wait.ts';
import { dyingRelease, foreignRelease } from '../support/broken-release.ts';
import { Cases, type Fixture } from './cases.ts';
import { latestRelease, older, olderRelease } from './small-release.ts';

const cases = new Cases('a release that does not work here', 2);
const bad = '1.104.0';

const foreign = await foreignRelease(bad);
const dying = ({ sandbox }: Fixture): Promise<Release> => dyingRelease(bad, sandbox.directory);

async function remember({ sandbox }: Fixture, version: string): Promise<void> {
  await writeFile(join(sandbox.env['TSR_STATE_DIR'] ?? '', 'last-good'), `${version} amd64 official\n`);
}

/** What procd does: start again a second after the end. Returns when the older daemon runs. */
async function superviseUntilOlder({ sandbox }: Fixture): Promise<number> {
  for (let starts = 1; starts <= 8; starts++) {
    const child = sandbox.start();
    for (;;) {
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (ended) break;
      const state = sandbox.state();
      if (state?.phase === 'running' && state.version === older.version) return starts;
      await sleep(20);
    }
    await sleep(1000);
  }
  throw new Error('the older version never ran');
}

cases.add(
  'a binary of another processor is not used, and nothing else is known',
  async ({ sandbox, mirror }) => {
    mirror.setReleases([foreign]);
    sandbox.start();
    const state = await sandbox.failure();
    assert.is(state.error?.code, 'run-check-failed');
    assert.is(state.phase, 'blocked');
    assert.equal(sandbox.binaries(), []);
  }
);

cases.add('the last good version is fetched instead, and the state says so', async (router) => {
  const { sandbox, mirror } = router;
  mirror.setReleases([foreign, olderRelease]);
  await remember(router, older.version);
  sandbox.start();
  const state = await sandbox.until(({ phase }) => phase === 'running', 40);
  assert.is(state.version, older.version);
  assert.is(state.error?.code, 'run-check-failed');
  assert.match(state.error?.detail ?? '', new RegExp(`${bad}.*${older.version} runs instead`));
});

cases.add('one that dies at once three times gives way to the last good version', async (router) => {
  const { sandbox, mirror } = router;
  mirror.setReleases([await dying(router), olderRelease]);
  await remember(router, older.version);
  const starts = await superviseUntilOlder(router);
  assert.is(starts, 4);
  assert.is(sandbox.state()?.error?.code, 'daemon-crashed');
});

cases.add('without a last good version it goes on trying, more and more slowly', async (router) => {
  const { sandbox, mirror } = router;
  mirror.setReleases([await dying(router)]);
  for (let starts = 0; starts < 3; starts++) {
    await once(sandbox.start(), 'exit');
    await sleep(200);
  }
  sandbox.start();
  const state = await sandbox.failure();
  assert.is(state.error?.code, 'daemon-crashed');
  assert.is(state.retry_in, 8);
});

cases.add('a stop that was asked for is no crash', async (router) => {
  const { sandbox } = router;
  for (let starts = 0; starts < 5; starts++) {
    sandbox.start();
    await sandbox.until(({ phase }) => phase === 'running');
    await sandbox.stop();
    // As the init script's stop does.
    await rm(join(sandbox.runDirectory, 'starts'));
  }
  assert.ok(!existsSync(join(sandbox.runDirectory, 'set-aside')));
});

cases.add('a daemon that the kernel ends for lack of memory is not the version’s fault', async (router) => {
  const { sandbox, mirror } = router;
  const vmstat = join(sandbox.directory, 'vmstat');
  sandbox.env['TSR_VMSTAT'] = vmstat;
  mirror.setReleases([await dying(router), olderRelease]);
  await remember(router, older.version);
  for (let kills = 0; kills < 3; kills++) {
    await writeFile(vmstat, `nr_free_pages 1\noom_kill ${kills}\n`);
    await once(sandbox.start(), 'exit');
  }
  await writeFile(vmstat, 'nr_free_pages 1\noom_kill 3\n');
  sandbox.start();
  const state = await sandbox.failure();
  assert.is(state.error?.code, 'memory-low');
  assert.is(state.version, bad);
});

cases.add(
  'one that is ended for lack of memory is told of, and starts again with less',
  async ({ sandbox }) => {
    const vmstat = join(sandbox.directory, 'vmstat');
    sandbox.env['TSR_VMSTAT'] = vmstat;
    const meminfo = join(sandbox.directory, 'meminfo');
    sandbox.env['TSR_MEMINFO'] = meminfo;
    await writeFile(meminfo, 'MemTotal: 524288 kB\nMemAvailable: 262144 kB\n');
    const start = async (kills: number): Promise<[string | undefined, string | undefined]> => {
      await writeFile(vmstat, `oom_kill ${kills}\n`);
      const daemon = sandbox.start();
      const { error } = await sandbox.until(({ phase }) => phase === 'running');
      await waitFor('it has become the daemon', 5, () =>
        readlinkSync(`/proc/${daemon.pid}/exe`).endsWith('/tailscaled')
      );
      const environment = readFileSync(`/proc/${daemon.pid}/environ`, 'utf8').split('\0');
      daemon.kill('SIGKILL');
      await once(daemon, 'exit');
      return [error?.code, environment.find((line) => line.startsWith('GOGC='))];
    };
    assert.equal(await start(1), [undefined, undefined]);
    assert.equal(await start(2), ['memory-low', 'GOGC=20']);
  }
);

cases.add('update goes to the newest and back to a given version', async (router) => {
  const { sandbox, mirror } = router;
  mirror.setReleases([olderRelease]);
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
  const daemon = sandbox.child;
  mirror.setReleases([latestRelease, olderRelease]);
  const versionInRam = (): string => readFileSync(join(sandbox.ramDirectory, 'version'), 'utf8');
  assert.is((await sandbox.command('update')).code, 0);
  assert.is(versionInRam(), `${latestRelease.version} amd64\n`);
  const before = mirror.bytesServed;
  assert.is((await sandbox.command('update')).code, 0);
  assert.ok(mirror.bytesServed - before < 100_000, 'nothing is downloaded twice');
  assert.is((await sandbox.command('update', older.version)).code, 0);
  assert.is(versionInRam(), `${older.version} amd64\n`);
  assert.is(daemon?.exitCode, null);
  sandbox.child = daemon;
});

cases.add(
  'an update that meets a network which is just starting tries again',
  async ({ sandbox, mirror }) => {
    mirror.setFault({ kind: 'close' });
    const updating = sandbox.command('update');
    await waitFor('two attempts failed', 20, () => {
      const state = sandbox.state('update.json');
      return state?.attempt === 2 && state.retry_in === 3;
    });
    mirror.setFault();
    assert.is((await updating).code, 0);
    assert.equal(sandbox.binaries(), ['tailscale', 'tailscaled']);
  }
);

cases.add('and after five attempts says that there is no network', async ({ sandbox, mirror }) => {
  mirror.setFault({ kind: 'close' });
  assert.is((await sandbox.command('update')).code, 1);
  const { error, attempt } = sandbox.state('update.json') ?? {};
  assert.equal([error?.code, attempt], ['network-unreachable', 5]);
});

cases.run();
