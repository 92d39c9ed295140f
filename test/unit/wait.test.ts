import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
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

/** Numbers of the processors that this process may use. */
function processors(): number[] {
  const [, ranges = ''] =
    /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return ranges.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

test('patience lasts for at least its seconds', async () => {
  assert.ok((await patienceMs()) >= 500);
});

test('patience lasts longer while others have the processors', async () => {
  // Two on each: where the kernel gives three to one and one to the other, only half of them have to wait.
  const others = [...processors(), ...processors()].map((processor) =>
    spawn('taskset', ['-c', `${processor}`, 'sh', '-c', 'echo; while :; do :; done'])
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
