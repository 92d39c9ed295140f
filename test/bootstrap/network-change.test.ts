import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { MirrorRequest } from '../../dev/mirror/mirror.ts';
import { sleep, waitFor } from '../../dev/tailnet/wait.ts';
import { Cases, type Fixture } from './cases.ts';
import { latest } from './small-release.ts';

const cases = new Cases('the network changes while it tries', 4);

/** What the iface hotplug does when WAN has come up. */
async function wanComesUp(router: Fixture): Promise<void> {
  await writeFile(mark(router), '');
  router.sandbox.child?.kill('SIGUSR1');
}

const mark = ({ sandbox }: Fixture): string => join(sandbox.runDirectory, 'wan-up');

const requests = ({ mirror }: Fixture, end: string): MirrorRequest[] =>
  mirror.requests.filter(({ path }) => path.endsWith(end));

const archives = (router: Fixture): MirrorRequest[] => requests(router, '.tgz');

/** Starts, and waits until the archive's download is as silent as a connection whose network has gone. */
async function silentDownload(router: Fixture): Promise<void> {
  const after = latest.size >> 1;
  router.mirror.setFault({ kind: 'stall', on: 'archive', after, times: 1 });
  router.sandbox.start();
  await waitFor('the download stalls', 30, () => archives(router)[0]?.bytesSent === after);
  await sleep(2000);
}

cases.add('a download whose connection died goes on at once', async (router) => {
  await silentDownload(router);
  await wanComesUp(router);
  await waitFor('it asks for the rest', 3, () => archives(router)[1]?.range);
  assert.not.ok(existsSync(mark(router)));
  await router.sandbox.until(({ phase }) => phase === 'running');
  const bytes = archives(router).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  assert.ok(bytes < latest.size * 1.05, `${String(bytes)} of ${String(latest.size)}`);
});

cases.add('a download that goes on is left alone', async (router) => {
  router.mirror.setFault({ kind: 'rate', on: 'archive', bytesPerSecond: 800_000 });
  router.sandbox.start();
  await router.sandbox.until(({ bytes }) => bytes > 500_000);
  await wanComesUp(router);
  await router.sandbox.until(({ phase }) => phase === 'running');
  assert.is(archives(router).length, 1);
  assert.not.ok(existsSync(mark(router)));
});

cases.add('a signal for another reason ends no download', async (router) => {
  await silentDownload(router);
  router.sandbox.child?.kill('SIGUSR1');
  await sleep(3000);
  assert.is(archives(router).length, 1);
});

cases.add('an index whose connection died is asked for again at once', async (router) => {
  router.mirror.setFault({ kind: 'stall', on: 'index', after: 0, times: 1 });
  router.sandbox.start();
  await waitFor('it asks for the index', 10, () => requests(router, 'json').length === 1);
  await wanComesUp(router);
  await waitFor('it asks again', 3, () => requests(router, 'json').length === 2);
  await router.sandbox.until(({ phase }) => phase === 'running');
});

cases.add('what woke it while it tried saves the pause after a failure', async (router) => {
  const delay = 1000;
  router.mirror.setFault([
    { kind: 'delay', on: 'index', milliseconds: delay },
    { kind: 'status', on: 'index', status: 500 }
  ]);
  const child = router.sandbox.start();
  await waitFor('its second attempt', 10, () => requests(router, 'json').length === 2);
  child.kill('SIGUSR1');
  // Without the signal it would be four.
  await waitFor('its third attempt', (delay + 2500) / 1000, () => requests(router, 'json').length === 3);
  const state = await router.sandbox.until(({ attempt, retry_in }) => attempt === 3 && retry_in !== null);
  assert.is(state.retry_in, 2);
});

cases.add('a download in vain is not repeated for it, and a person may insist', async (router) => {
  const { sandbox, mirror } = router;
  mirror.setFault([
    { kind: 'sha256', wrong: 'of-another-file' },
    { kind: 'rate', on: 'archive', bytesPerSecond: 2_000_000 }
  ]);
  const child = sandbox.start();
  await sandbox.until(({ bytes }) => bytes > 500_000);
  await wanComesUp(router);
  assert.is((await sandbox.failure()).retry_in, 300);
  await sleep(500);
  assert.is(archives(router).length, 1);
  child.kill('SIGUSR1');
  await sandbox.until(({ attempt }) => attempt === 2);
});

cases.run();
