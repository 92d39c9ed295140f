import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Archive } from '../../dev/mirror/archive.ts';
import type { Fault } from '../../dev/mirror/faults.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { Cases, type Fixture } from './cases.ts';
import * as real from './real-release.ts';
import { latest } from './small-release.ts';

const cases = new Cases('going on where it stopped', 4);

const cuts = ({ size }: Archive, ...shares: number[]): Fault[] =>
  shares.map((share) => ({ kind: 'cut', at: Math.floor(size * share), times: 1 }));

function archiveRequests({ mirror }: Fixture): { range: string | undefined; bytesSent: number }[] {
  return mirror.requests.filter(({ path }) => path.endsWith('.tgz'));
}

function archiveBytes(router: Fixture): number {
  return archiveRequests(router).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
}

async function arrives({ sandbox, mirror }: Fixture, fault: Fault | Fault[], seconds = 60): Promise<void> {
  Object.assign(sandbox.env, { TSR_RETRY_MAX_S: '1' });
  mirror.setFault(fault);
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running', seconds);
  assert.equal(sandbox.binaries(), ['tailscale', 'tailscaled']);
}

cases.add(
  'broken off five times, it costs one archive',
  async (router) => {
    const shares = Array.from({ length: 5 }, () => Math.random() * 0.98 + 0.01).sort();
    await arrives(router, cuts(real.latest, ...shares));
    assert.is(archiveRequests(router).length, 6, `cut at ${shares.join(', ')}`);
    assert.ok(
      archiveBytes(router) < real.latest.size * 1.02,
      `${String(archiveBytes(router))} of ${String(real.latest.size)}`
    );
  },
  { release: real.latestRelease }
);

cases.add('that it broke off is told until it goes on', async (router) => {
  const { sandbox, mirror } = router;
  mirror.setFault(cuts(latest, 0.5));
  sandbox.start();
  const state = await sandbox.until(({ error }) => error !== null);
  assert.is(state.error?.code, 'truncated');
  assert.is(state.phase, 'downloading');
  assert.ok(state.bytes > 0);
  assert.is((await sandbox.until(({ phase }) => phase === 'running')).error, null);
});

cases.add(
  'without ranges it begins again, and counts that',
  async (router) => {
    await arrives(router, [...cuts(real.latest, 0.5), { kind: 'no-range' }]);
    assert.ok(
      archiveBytes(router) < real.latest.size * 1.8,
      `${String(archiveBytes(router))} of ${String(real.latest.size)}`
    );
    const vain = readFileSync(join(router.sandbox.runDirectory, 'vain'), 'utf8');
    assert.match(vain, /^\d+ truncated\n$/);
  },
  { release: real.latestRelease }
);

cases.add('without ranges it stops at the daily allowance', async (router) => {
  const { sandbox, mirror } = router;
  Object.assign(sandbox.env, { TSR_RETRY_MAX_S: '1' });
  mirror.setFault([{ kind: 'cut', at: latest.size >> 1 }, { kind: 'no-range' }]);
  sandbox.start();
  const state = await sandbox.failure(60);
  assert.is(state.error?.code, 'truncated');
  assert.ok((state.retry_in ?? 0) > 20 * 3600, JSON.stringify(state));
  assert.ok(archiveRequests(router).length <= 4);
});

cases.add('without ranges it comes over a slow line, too', async (router) => {
  router.sandbox.env['TSR_IDLE_S'] = '2';
  const slow: Fault = { kind: 'rate', on: 'archive', bytesPerSecond: 400_000 };
  await arrives(router, [...cuts(latest, 0.5), { kind: 'no-range' }, slow], 90);
});

cases.add('without ranges it does not begin again for ever, not even for a person', async (router) => {
  const { sandbox, mirror } = router;
  Object.assign(sandbox.env, { TSR_RETRY_MAX_S: '1' });
  mirror.setFault([{ kind: 'cut', at: latest.size >> 1 }, { kind: 'no-range' }]);
  const { code } = await sandbox.command('update');
  assert.is(code, 1);
  assert.is(sandbox.state('update.json')?.error?.code, 'truncated');
  assert.is(archiveRequests(router).length, 5, 'once, in vain for the rest, and three times more');
});

cases.add('a stalled download is given up and continued', async (router) => {
  router.sandbox.env['TSR_IDLE_S'] = '2';
  await arrives(router, { kind: 'stall', on: 'archive', after: latest.size >> 1, times: 1 });
  assert.is(archiveRequests(router).length, 2);
  assert.ok(archiveBytes(router) < latest.size * 1.05);
});

cases.add('a trickling download is given up and continued', async (router) => {
  router.sandbox.env['TSR_IDLE_S'] = '2';
  await arrives(router, { kind: 'trickle', on: 'archive', after: latest.size >> 1, times: 1 });
  assert.is(archiveRequests(router).length, 2);
});

cases.add('a slow download is not given up', async (router) => {
  const { sandbox, mirror } = router;
  sandbox.env['TSR_IDLE_S'] = '4';
  mirror.setFault({ kind: 'rate', on: 'archive', bytesPerSecond: 8192 });
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'downloading');
  await sleep(15_000);
  assert.is(archiveRequests(router).length, 1);
  assert.is(sandbox.state()?.phase, 'downloading');
});

cases.add('a server that is slow to answer is waited for', async (router) => {
  await arrives(router, { kind: 'delay', on: 'everything', milliseconds: 3000 });
  assert.is(archiveRequests(router).length, 1);
});

cases.add('a range that is answered wrongly does no harm', async (router) => {
  const { sandbox, mirror } = router;
  Object.assign(sandbox.env, { TSR_RETRY_MAX_S: '1' });
  mirror.setFault([...cuts(latest, 0.5), { kind: 'wrong-range', wrong: 'denied' }]);
  sandbox.start();
  const state = await sandbox.until(({ phase, error }) => phase === 'running' || error !== null, 60);
  assert.ok(state.phase === 'running' || sandbox.binaries().length === 0);
});

cases.run();
