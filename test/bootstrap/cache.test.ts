import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { succeed } from '../../dev/tailnet/command.ts';
import { Cases, type Fixture } from './cases.ts';
import { latest, latestRelease, older, olderRelease } from './small-release.ts';

const cases = new Cases('the cache', 4);

function stick({ sandbox }: Fixture): string {
  const path = join(sandbox.directory, 'stick');
  mkdirSync(path);
  sandbox.env['TSR_CACHE_DIR'] = path;
  return path;
}

async function boot({ sandbox, mirror }: Fixture): Promise<number> {
  await sandbox.stop();
  await rm(sandbox.ramDirectory, { recursive: true, force: true });
  mirror.requests.length = 0;
  sandbox.start();
  await sandbox.until(({ phase, attempt }) => phase === 'running' && attempt > 0);
  return mirror.requests.filter(({ path }) => path.endsWith('.tgz')).length;
}

cases.add('keeps what was verified, and downloads it no second time', async (router) => {
  const path = stick(router);
  assert.is(await boot(router), 1);
  assert.equal(readdirSync(path).sort(), [latest.name, `${latest.name}.sha256`]);
  assert.equal(readFileSync(join(path, latest.name)), readFileSync(latest.path));
  assert.is(await boot(router), 0);
});

cases.add('serves when no server can be reached', async (router) => {
  stick(router);
  await boot(router);
  router.mirror.setFault({ kind: 'close' });
  assert.is(await boot(router), 0);
  assert.is(router.sandbox.state()?.version, latest.version);
});

cases.add('a rotten archive is found out, removed and fetched again', async (router) => {
  const path = stick(router);
  await boot(router);
  const bytes = readFileSync(join(path, latest.name));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(path, latest.name), bytes);
  assert.is(await boot(router), 1);
  assert.equal(readFileSync(join(path, latest.name)), readFileSync(latest.path));
});

cases.add('a whole archive that is not the published one is fetched again', async (router) => {
  const path = stick(router);
  await boot(router);
  writeFileSync(join(path, latest.name), gzipSync(gunzipSync(readFileSync(latest.path)), { level: 1 }));
  assert.is(await boot(router), 1);
  assert.equal(readFileSync(join(path, latest.name)), readFileSync(latest.path));
});

cases.add('a rotten archive is not run when no server can be reached', async (router) => {
  const path = stick(router);
  await boot(router);
  writeFileSync(join(path, latest.name), 'rotten');
  router.mirror.setFault({ kind: 'close' });
  await router.sandbox.stop();
  await rm(router.sandbox.ramDirectory, { recursive: true });
  router.sandbox.start();
  const state = await router.sandbox.failure();
  assert.is(state.error?.code, 'network-unreachable');
  assert.equal(router.sandbox.binaries(), []);
});

cases.add('holds at most two archives, the newest', async (router) => {
  const path = stick(router);
  for (const [version, age] of [
    ['1.90.0', 3000],
    ['1.92.0', 2000]
  ] as const) {
    const name = join(path, `tailscale_${version}_amd64.tgz`);
    writeFileSync(name, 'old');
    writeFileSync(`${name}.sha256`, 'old');
    const time = Date.now() / 1000 - age;
    utimesSync(name, time, time);
  }
  router.mirror.setReleases([olderRelease]);
  await boot(router);
  router.mirror.setReleases([latestRelease]);
  await boot(router);
  assert.equal(
    readdirSync(path).sort(),
    [older.name, latest.name].flatMap((name) => [name, `${name}.sha256`]).sort()
  );
});

cases.add('a stick that was pulled out is no error', async (router) => {
  const path = stick(router);
  await rm(path, { recursive: true });
  assert.is(await boot(router), 1);
});

cases.add('a stick that is full is no error', async (router) => {
  const path = stick(router);
  await succeed(['mount', '-t', 'tmpfs', '-o', 'size=2m', 'stick', path]);
  try {
    assert.is(await boot(router), 1);
    assert.equal(readdirSync(path), []);
  } finally {
    await succeed(['umount', '-l', path]);
  }
});

cases.run();
