import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { killGroup, run, succeed } from '../../dev/tailnet/command.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { Cases, type Fixture } from './cases.ts';
import { processesOf } from './processes.ts';

/** A bootstrap that was ended, at whatever moment, is in nobody's way. */

const cases = new Cases('ended', 2);

cases.add('the lock of a killed one does not block', async ({ sandbox, mirror }) => {
  mirror.setFault({ kind: 'stall', on: 'archive', after: 5_000_000 });
  const child = sandbox.start();
  await sandbox.until(({ bytes }) => bytes > 1_000_000);
  process.kill(child.pid ?? 0, 'SIGKILL');
  mirror.setFault();
  sandbox.start();
  await sandbox.until(({ phase }) => phase === 'running', 10);
  killGroup(child);
});

/** Starts a program that gets a signal when it forks, the given time. */
const endAt = (fork: number, signal: string): string[] => [
  ...['/usr/bin/strace', '-o', '/dev/null', '-e'],
  `inject=clone,vfork:signal=${signal}:when=${fork}`
];

/** Ends the bootstrap at each fifth of its forks until it waits for the mirror; for all of them it takes a minute. */
async function endAtForks(
  { sandbox, mirror }: Fixture,
  signal: string,
  check: (group: number) => Promise<void>
): Promise<void> {
  mirror.setFault({ kind: 'stall', on: 'archive', after: 100_000 });
  for (let fork = 1; ; fork += 5) {
    sandbox.prefix = endAt(fork, signal);
    const child = sandbox.start();
    const ended = once(child, 'exit').then(() => true);
    try {
      if (!(await Promise.race([ended, sleep(3000)]))) return;
      await check(child.pid ?? 0);
    } finally {
      killGroup(child);
    }
    rmSync(sandbox.ramDirectory, { recursive: true, force: true });
  }
}

const { code, stderr } = await run([...endAt(1, 'KILL'), 'true']);
if (code !== 0) {
  console.log(`skipped: nothing can be ended at a chosen moment here: ${stderr.trim()}`);
} else {
  // What works beside it, or waits for the mirror, outlives it.
  cases.add('nor that of one that is killed when it forks', async (fixture) => {
    const lock = join(fixture.sandbox.ramDirectory, 'lock');
    await endAtForks(fixture, 'KILL', async () => {
      if (existsSync(lock)) await succeed(['flock', '-w', '2', lock, 'true']);
    });
  });

  cases.add('SIGTERM when it forks leaves nothing behind', (fixture) =>
    endAtForks(fixture, 'TERM', async (group) => {
      await sleep(200);
      assert.equal(processesOf(group), []);
    })
  );
}

cases.run();
