import { fileURLToPath } from 'node:url';
import { succeed } from '../../dev/tailnet/command.ts';
import { isIsolated, runIsolated, takeOverRun } from '../../dev/tailnet/namespaces.ts';

/**
 * The `run` of the bench called `name`: does `measure` in namespaces of its own, with loopback up and temporary
 * files in memory, so that nothing is left behind however it ends.
 */
export function isolated(
  name: string,
  measure: (args: readonly string[]) => Promise<void>
): (args: readonly string[]) => Promise<void> {
  return async (args) => {
    if (!isIsolated()) {
      const code = await runIsolated(runner, [name, ...args]);
      if (code !== 0) process.exitCode = code;
      return;
    }
    // The first process of a PID namespace is not ended by a signal that it does not handle.
    process.on('SIGINT', () => process.exit(130));
    await takeOverRun();
    process.env['TMPDIR'] = '/run';
    await succeed(['ip', 'link', 'set', 'lo', 'up']);
    await measure(args);
    // Whatever it started ends with it.
    process.exit();
  };
}

const runner = fileURLToPath(new URL('../run.ts', import.meta.url));
