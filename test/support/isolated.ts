import { spawn, type ChildProcess } from 'node:child_process';
import { cgroupsOfOurs } from '../../dev/router/memory.ts';
import { underInit } from '../../dev/tailnet/namespaces.ts';

/**
 * Starts a command in namespaces of its own (processes, mounts, network with loopback up), so that everything it
 * starts, mounts or makes is gone as soon as it ends or is killed, also when this process is.
 */
export function spawnIsolated(
  command: readonly string[],
  env: NodeJS.ProcessEnv = process.env
): ChildProcess {
  const isolated = ['--fork', '--pid', '--mount', '--net', '--kill-child', '--mount-proc'];
  // The machine's swap is not that of the routers in there.
  const script =
    'ip link set lo up && { [ ! -e /proc/swaps ] || mount --bind /dev/null /proc/swaps; } && exec "$@"';
  return spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'unshare', ...isolated, 'sh', '-c', script, 'sh', ...underInit(command)],
    { env: { ...env, ...cgroupsOfOurs() }, stdio: ['ignore', 'pipe', 'pipe'] }
  );
}
