import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { sleep } from '../../dev/tailnet/wait.ts';
import { processesOf } from './processes.ts';
import { Cases, type Fixture } from './cases.ts';
import { latest } from './small-release.ts';

const cases = new Cases('waiting', 3);

cases.add(
  'pauses double from 2 s to their limit, with up to a quarter of jitter',
  async ({ sandbox, mirror }) => {
    mirror.setFault({ kind: 'status', on: 'index', status: 500 });
    const child = sandbox.start();
    for (const expected of [2, 4, 8, 16, 32, 60, 60]) {
      const attempt = [2, 4, 8, 16, 32].indexOf(expected) + 1;
      const state = await sandbox.until((now) => now.retry_in !== null && now.attempt >= attempt);
      const pause = state.retry_in ?? 0;
      assert.ok(
        pause >= expected && pause <= expected * 1.25,
        `${String(pause)} s instead of ${String(expected)}`
      );
      // A person's signal begins with short pauses again: let the short ones pass, and end where it gets long.
      if (expected >= 8) break;
      await sandbox.until((now) => now.attempt > state.attempt, 15);
    }
    assert.is(child.exitCode, null);
  }
);

cases.add('no pause is longer than a minute', async ({ sandbox, mirror }) => {
  mirror.setFault({ kind: 'status', on: 'index', status: 500 });
  sandbox.env['TSR_RETRY_MAX_S'] = '3';
  sandbox.start();
  const state = await sandbox.until(({ attempt, retry_in }) => attempt === 4 && retry_in !== null, 20);
  assert.is(state.retry_in, 3);
});

cases.add('SIGUSR1 retries within a second', async ({ sandbox, mirror }) => {
  mirror.setFault({ kind: 'status', on: 'index', status: 500 });
  const child = sandbox.start();
  await sandbox.until(({ attempt, retry_in }) => attempt >= 3 && retry_in !== null, 20);
  mirror.setFault();
  const asked = Date.now();
  const before = mirror.requests.length;
  child.kill('SIGUSR1');
  while (mirror.requests.length === before) await sleep(5);
  assert.ok(Date.now() - asked < 1000, `${String(Date.now() - asked)} ms`);
  await sandbox.until(({ phase }) => phase === 'running');
});

cases.add(
  'the time sync wakes what waits for the clock',
  async ({ sandbox, mirror }) => {
    mirror.setFault({ kind: 'certificate', certificate: 'not-yet-valid' });
    const child = sandbox.start();
    const state = await sandbox.until(
      ({ phase, retry_in }) => phase === 'waiting-clock' && retry_in !== null
    );
    assert.is(state.error?.code, 'clock-not-set');
    mirror.setFault();
    await writeFile(join(sandbox.runDirectory, 'clock-synced'), '');
    child.kill('SIGUSR1');
    await sandbox.until(({ phase }) => phase === 'running', 10);
  },
  { clockIsSet: false }
);

cases.add(
  'bad archives are not downloaded for ever, but a person may insist',
  async ({ sandbox, mirror }) => {
    mirror.setFault({ kind: 'sha256', wrong: 'of-another-file' });
    const child = sandbox.start();
    const pauses: number[] = [];
    for (const attempt of [1, 2, 3, 4]) {
      const state = await sandbox.until((now) => now.attempt === attempt && now.retry_in !== null);
      assert.is(state.error?.code, 'checksum-mismatch');
      pauses.push(state.retry_in ?? 0);
      if (attempt === 3) {
        // An event does not cost the line another archive.
        await writeFile(join(sandbox.runDirectory, 'wan-up'), '');
        child.kill('SIGUSR1');
        await sleep(500);
        assert.is(sandbox.state()?.attempt, 3);
      }
      child.kill('SIGUSR1');
    }
    assert.equal(pauses.slice(0, 2), [300, 600]);
    assert.ok((pauses[2] ?? 0) > 23 * 3600 && (pauses[3] ?? 0) > 23 * 3600, pauses.join(', '));
    const archives = mirror.requests.filter(({ path }) => path.endsWith('.tgz')).length;
    await sandbox.until((now) => now.attempt === 5 && now.retry_in !== null);
    assert.is(archives, 4);
  }
);

cases.add('a restart does not refresh the allowance', async ({ sandbox, mirror }) => {
  mirror.setFault({ kind: 'sha256', wrong: 'of-another-file' });
  sandbox.env['TSR_DAILY_ARCHIVES'] = '1';
  sandbox.start();
  await sandbox.failure();
  await sandbox.stop();
  mirror.requests.length = 0;
  sandbox.start();
  const state = await sandbox.failure();
  assert.is(state.error?.code, 'checksum-mismatch');
  assert.is(mirror.requests.filter(({ path }) => path.endsWith('.tgz')).length, 0);
});

cases.add('a resolv.conf that asks itself is repaired before the first try', async ({ sandbox }) => {
  const resolvConf = sandbox.env['TSR_RESOLV_CONF'] ?? '';
  const backup = join(sandbox.directory, 'resolv.pre-tailscale-backup.conf');
  await writeFile(resolvConf, '# by tailscale\nnameserver 100.100.100.100\n');
  await writeFile(backup, 'nameserver 192.0.2.53\n');
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
  assert.is(readFileSync(resolvConf, 'utf8'), 'nameserver 192.0.2.53\n');
  assert.ok(!existsSync(backup));
});

cases.add('any other resolv.conf is left alone', async ({ sandbox }) => {
  const resolvConf = sandbox.env['TSR_RESOLV_CONF'] ?? '';
  await writeFile(resolvConf, 'nameserver 127.0.0.1\n');
  await writeFile(join(sandbox.directory, 'resolv.pre-tailscale-backup.conf'), 'nameserver 192.0.2.53\n');
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
  assert.is(readFileSync(resolvConf, 'utf8'), 'nameserver 127.0.0.1\n');
});

cases.add('SIGTERM ends it within a second at any moment, with nothing left behind', async (router) => {
  for (let round = 0; round < 15; round++) {
    const { sandbox, mirror } = router;
    mirror.setFault([
      { kind: 'rate', on: 'archive', bytesPerSecond: 4_000_000 },
      ...(round % 3 === 0 ? [{ kind: 'stall', on: 'index', after: 0 } as const] : []),
      ...(round % 5 === 1 ? [{ kind: 'cut', at: latest.size >> 2 } as const] : [])
    ]);
    const child = sandbox.start();
    await sleep(Math.random() * 1800);
    if (sandbox.state()?.phase === 'running') {
      await sandbox.stop();
      await removeBinaries(router);
      continue;
    }
    const asked = Date.now();
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    assert.ok(Date.now() - asked < 1000, `${String(Date.now() - asked)} ms`);
    await sleep(200);
    assert.equal(processesOf(child.pid ?? 0), []);
    assert.ok(!existsSync(join(sandbox.ramDirectory, 'work')), sandbox.ramFiles().join(' '));
    assert.equal(
      readdirSync(sandbox.runDirectory).filter((name) => /state|pid|json/.test(name)),
      []
    );
    await removeBinaries(router);
  }
});

cases.add('a directory that somebody else prepared is not used', async ({ sandbox }) => {
  const elsewhere = join(sandbox.directory, 'elsewhere');
  await mkdir(elsewhere);
  await symlink(elsewhere, sandbox.ramDirectory);
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running');
  assert.equal(readdirSync(elsewhere), []);
  while (!sandbox.program().startsWith(`${sandbox.ramDirectory}/bin/`)) await sleep(5);
});

async function removeBinaries({ sandbox }: Fixture): Promise<void> {
  if (sandbox.binaries().length > 0) {
    const { rm } = await import('node:fs/promises');
    await rm(join(sandbox.ramDirectory, 'bin'), { recursive: true });
  }
}

cases.run();
