import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { waitFor } from '../../dev/tailnet/wait.ts';

async function patienceMs(): Promise<number> {
  const start = Date.now();
  await waitFor('it', 0.5, () => false).then(
    () => {
      assert.unreachable();
    },
    (error: unknown) => {
      assert.match(String(error), /it: not within 0\.5 s$/);
    }
  );
  return Date.now() - start;
}

test('patience lasts for at least its seconds', async () => {
  assert.ok((await patienceMs()) >= 500);
});

test('patience lasts longer while others have the processors', async () => {
  const others = Array.from({ length: availableParallelism() * 2 }, () =>
    spawn('sh', ['-c', 'echo; while :; do :; done'])
  );
  try {
    await Promise.all(others.map(({ stdout }) => once(stdout, 'data')));
    const ms = await patienceMs();
    assert.ok(ms > 800 && ms < 5000, `${ms} ms`);
  } finally {
    for (const other of others) other.kill('SIGKILL');
  }
});

test.run();
