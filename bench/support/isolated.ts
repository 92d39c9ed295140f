import { fileURLToPath } from 'node:url';
import { headscaleBinary, tailscaleBinaries, testcontrolBinary } from '../../dev/setup/go.ts';
import { succeed } from '../../dev/tailnet/command.ts';
import { isIsolated, runIsolated, takeOverRun } from '../../dev/tailnet/namespaces.ts';
import { testVersions } from '../../src/shared/test-versions.ts';

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
      // In there is no network to get them from.
      await tailscaleBinaries(testVersions.latest);
      await headscaleBinary();
      await testcontrolBinary();
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
