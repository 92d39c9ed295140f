import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, openSync, readFileSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { mkdir, readdir, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '../tailnet/wait.ts';

/**
 * A memory of its own for a router: a cgroup (version 1 or 2) and the `/proc/meminfo` that goes with it.
 *
 * What counts is what a router would pay, too: the anonymous memory of its processes, its tmpfs, and the kernel's
 * memory for both; and files it has read, which the kernel drops when it needs the room. So MemAvailable is the
 * limit less the first three, and MemFree less all. Not in it, unlike on a router: the kernel itself.
 */
export class RouterMemory {
  /** To be shown as /proc/meminfo: always up to date, and always of the same length. */
  readonly meminfo: string;
  readonly #cgroup: string;
  readonly #limit: number;
  readonly #output: number;
  readonly #timer: NodeJS.Timeout;

  /** `directory` is for the file. Throws where there is no memory controller. */
  static async create(megabytes: number, directory: string): Promise<RouterMemory> {
    const parent = parentCgroup();
    await removeAbandoned(parent);
    const cgroup = join(parent, `${process.env[nameVariable] ?? prefix}${randomUUID()}`);
    await mkdir(cgroup);
    await writeFile(join(cgroup, isVersion1 ? 'memory.limit_in_bytes' : 'memory.max'), `${megabytes << 20}`);
    return new RouterMemory(cgroup, megabytes << 20, join(directory, 'meminfo'));
  }

  private constructor(cgroup: string, limit: number, meminfo: string) {
    this.#cgroup = cgroup;
    this.#limit = limit;
    this.meminfo = meminfo;
    this.#output = openSync(meminfo, 'w');
    this.#show();
    this.#timer = setInterval(() => {
      this.#show();
    }, 100).unref();
  }

  /** What a process writes its id into that is to live in this memory. */
  get processes(): string {
    return join(this.#cgroup, 'cgroup.procs');
  }

  /** How many processes the kernel has ended in there for lack of memory. */
  oomKills(): number {
    const events = readTable(join(this.#cgroup, isVersion1 ? 'memory.oom_control' : 'memory.events'));
    return events['oom_kill'] ?? 0;
  }

  /** Its processes must have ended. */
  async remove(): Promise<void> {
    clearInterval(this.#timer);
    closeSync(this.#output);
    await waitFor('the cgroup is empty', 10, async () => {
      await rmdir(this.#cgroup);
      return true;
    });
  }

  #show(): void {
    const { anonymous, shared, files, kernel } = this.#usage();
    const pinned = anonymous + shared + kernel;
    const lines = {
      MemTotal: this.#limit,
      MemFree: this.#limit - pinned - files,
      MemAvailable: this.#limit - pinned,
      Buffers: 0,
      Cached: files + shared,
      SwapCached: 0,
      AnonPages: anonymous,
      Shmem: shared,
      Slab: kernel,
      SwapTotal: 0,
      SwapFree: 0
    };
    const text = Object.entries(lines)
      .map(([name, bytes]) => `${`${name}:`.padEnd(14)}${`${Math.max(0, bytes >> 10)}`.padStart(10)} kB\n`)
      .join('');
    // In place: the router has the file itself mounted.
    writeSync(this.#output, text, 0);
  }

  #usage() {
    const table = readTable(join(this.#cgroup, 'memory.stat'));
    const value = (name: string) => table[name] ?? 0;
    if (!isVersion1) {
      const shared = value('shmem');
      return { anonymous: value('anon'), shared, files: value('file') - shared, kernel: value('kernel') };
    }
    const shared = value('total_shmem');
    const kernel = Number(readFileSync(join(this.#cgroup, 'memory.kmem.usage_in_bytes'), 'utf8'));
    return { anonymous: value('total_rss'), shared, files: value('total_cache') - shared, kernel };
  }
}

/**
 * The environment for programs whose routers' cgroups go when this process has ended, even if it is killed: a
 * cgroup outlives the namespaces of whoever made it. To be called outside of these.
 */
export function cgroupsOfOurs(): NodeJS.ProcessEnv {
  if (ours !== undefined) return { [nameVariable]: ours };
  ours = `${process.env[nameVariable] ?? prefix}${randomUUID().slice(0, 8)}-`;
  // `cat` ends when this process is gone, however that came.
  const script = `
    cat
    for second in 1 2 3 4 5 6 7 8 9 10; do
      rmdir "$0"*
      ls -d "$0"* || exit
      sleep 1
    done`;
  try {
    const path = join(parentCgroup(), ours);
    const guard = spawn('sh', ['-c', script, path], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    guard.unref();
  } catch {
    // No memory controller, no cgroups.
  }
  return { [nameVariable]: ours };
}

let ours: string | undefined;
const nameVariable = 'TSR_CGROUP';
const prefix = 'tailscale-ram-router-';
const root = '/sys/fs/cgroup';
const isVersion1 = existsSync(join(root, 'memory'));

/** Where cgroups with a memory limit can be made. */
function parentCgroup(): string {
  if (isVersion1) {
    const [, path] = /^\d+:memory:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8')) ?? [];
    const own = join(root, 'memory', path ?? '');
    return existsSync(own) ? own : join(root, 'memory');
  }
  try {
    writeFileSync(join(root, 'cgroup.subtree_control'), '+memory');
  } catch (error) {
    throw new Error('a memory limit needs the memory controller of cgroup 1 or 2', { cause: error });
  }
  return root;
}

/** A cgroup outlives whoever is killed; nobody is in there then. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(parent, name);
    const made = await stat(path).catch(() => undefined);
    // Not that of a router that is off, or about to be switched on.
    if (made && Date.now() - made.ctimeMs > 86_400_000) await rmdir(path).catch(() => undefined);
  }
}

function readTable(path: string): Record<string, number> {
  return Object.fromEntries(
    readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name = '', value]) => [name, Number(value)])
  );
}
