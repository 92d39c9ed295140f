import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { killGroup, run, succeed } from '../../dev/tailnet/command.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { Cases } from './cases.ts';

/** Two bootstraps never work at once, and one that was killed is in nobody's way. */

const cases = new Cases('the lock', 2);

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

const inject = (when: number): string[] => [
  ...['/usr/bin/strace', '-o', '/dev/null', '-e'],
  `inject=clone,vfork:signal=KILL:when=${when}`
];

const { code, stderr } = await run([...inject(1), 'true']);
if (code !== 0) console.log(`skipped: nothing can be killed at a chosen moment here: ${stderr.trim()}`);
else
  // What works beside it, or waits for the mirror, outlives it.
  cases.add('nor that of one that is killed when it forks', async ({ sandbox, mirror }) => {
    mirror.setFault({ kind: 'stall', on: 'archive', after: 100_000 });
    const lock = join(sandbox.ramDirectory, 'lock');
    // Each fifth of its forks: every one takes a minute.
    for (let forks = 1; ; forks += 5) {
      sandbox.prefix = inject(forks);
      const child = sandbox.start();
      const killed = once(child, 'exit').then(() => true);
      try {
        // The last one comes to where it waits for the mirror.
        if (!(await Promise.race([killed, sleep(3000)]))) break;
        if (existsSync(lock)) await succeed(['flock', '-w', '2', lock, 'true']);
      } finally {
        killGroup(child);
      }
      rmSync(sandbox.ramDirectory, { recursive: true, force: true });
    }
  });

cases.run();
