import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of the project's cache, made if it is not there: `cacheDir('go')` → `~/.cache/tailscale-ram/go`. */
export function cacheDir(...parts: string[]): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(base, 'tailscale-ram', ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Returns `target` (a file or a folder), made by `make` if it does not exist yet. `make` writes to the path
 * that it is given, which then becomes `target` in one step; processes that want it at once make it once, and
 * one after the other what lies in the same folder.
 */
export async function makeOnce(target: string, make: (path: string) => Promise<void>): Promise<string> {
  if (existsSync(target)) return target;
  const unlock = await lock(join(dirname(target), '.lock'));
  try {
    if (!existsSync(target)) {
      const unfinished = `${target}.new`;
      await rm(unfinished, { recursive: true, force: true });
      await make(unfinished);
      await rename(unfinished, target);
    }
  } finally {
    unlock();
  }
  return target;
}

/** Waits for a lock of the kernel's, which ends with its holder, also across PID namespaces. */
async function lock(file: string): Promise<() => void> {
  const holder = spawn('flock', [file, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write('locked\n');
  // `cat` repeats the line once flock has let it start, and ends with its input.
  await Promise.race([
    once(holder.stdout, 'data'),
    once(holder, 'close').then(() => Promise.reject(new Error(`${file} could not be locked`)))
  ]);
  return () => {
    holder.stdin.end();
  };
}
