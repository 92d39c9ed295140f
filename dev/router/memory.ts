import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync
} from 'node:fs';
import { mkdir, readdir, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, succeed } from '../tailnet/command.ts';
import { waitFor } from '../tailnet/wait.ts';

/**
 * A memory of its own for a router: a cgroup (version 1 or 2) and the `/proc/meminfo` that goes with it.
 *
 * What counts is what a router would pay, too: the anonymous memory of its processes, its tmpfs and ramfs, and the
 * kernel's memory for all; and files it has read, which the kernel drops when it needs the room. So MemAvailable is
 * the limit less all but these, and MemFree less all. Not in it, unlike on a router: the kernel itself.
 *
 * The machine's swap is not the router's. With `zram`, what the router itself swaps to is, and what the kernel takes
 * to keep that compressed counts: the limit sinks by as much. Only one such router can be, and only on a machine
 * that does not swap.
 */
export class RouterMemory {
  /** To be shown as /proc/meminfo: always up to date, and always of the same length. */
  readonly meminfo: string;
  readonly #cgroup: string;
  readonly #limit: number;
  readonly #zram: boolean;
  readonly #output: number;
  readonly #timer: NodeJS.Timeout;

  /** `directory` is for the file. Throws where there is no memory controller. */
  static async create(megabytes: number, directory: string, zram: boolean): Promise<RouterMemory> {
    const parent = parentCgroup();
    await removeAbandoned(parent);
    const name = `${process.env[nameVariable] ?? prefix}${zram ? 'zram-' : ''}${randomUUID()}`;
    const cgroup = join(parent, name);
    await mkdir(cgroup);
    // Of all tests but this one the swap is hidden.
    if (zram) await run(['umount', '/proc/swaps']);
    else await writeFile(join(cgroup, isVersion1 ? 'memory.swappiness' : 'memory.swap.max'), '0');
    return new RouterMemory(cgroup, megabytes << 20, zram, join(directory, 'meminfo'));
  }

  private constructor(cgroup: string, limit: number, zram: boolean, meminfo: string) {
    this.#cgroup = cgroup;
    this.#limit = limit;
    this.#zram = zram;
    this.meminfo = meminfo;
    writeFileSync(this.#limitFile, `${limit}`);
    this.#output = openSync(meminfo, 'w');
    this.#show();
    this.#timer = setInterval(
      () => {
        this.#show();
      },
      zram ? 25 : 100
    ).unref();
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

  /** What it has swapped out is lost. Its processes must have ended. */
  async powerOff(): Promise<void> {
    if (this.#zram) await succeed(['sh', '-c', endSwap]);
  }

  /** Its processes must have ended. */
  async remove(): Promise<void> {
    await this.powerOff();
    clearInterval(this.#timer);
    closeSync(this.#output);
    await waitFor('the cgroup is empty', 10, async () => {
      await rmdir(this.#cgroup);
      return true;
    });
  }

  get #limitFile(): string {
    return join(this.#cgroup, isVersion1 ? 'memory.limit_in_bytes' : 'memory.max');
  }

  #show(): void {
    const { anonymous, shared, files, kernel, swapped } = this.#usage();
    const { SwapTotal = 0, SwapFree = 0 } = this.#zram ? machineMemory() : {};
    // What else this machine swaps out lies there, too.
    const share = swapped === 0 ? 0 : Math.min(1, swapped / (SwapTotal - SwapFree));
    const limit = this.#limit - share * (this.#zram ? zramBytes() : 0);
    try {
      if (this.#zram) writeFileSync(this.#limitFile, `${Math.round(limit)}`);
    } catch {
      // It cannot give up so much at once.
    }
    const pinned = anonymous + shared + kernel;
    const lines = {
      MemTotal: this.#limit,
      MemFree: limit - pinned - files,
      MemAvailable: limit - pinned,
      Buffers: 0,
      Cached: files + shared,
      SwapCached: 0,
      AnonPages: anonymous,
      Shmem: shared,
      Slab: kernel,
      SwapTotal,
      SwapFree: SwapTotal - swapped
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
      const fixed = value('unevictable');
      return {
        anonymous: value('anon'),
        shared,
        files: value('file') - shared - fixed,
        kernel: value('kernel') + fixed,
        swapped: this.#zram ? Number(readFileSync(join(this.#cgroup, 'memory.swap.current'), 'utf8')) : 0
      };
    }
    const shared = value('total_shmem');
    const kernel = Number(readFileSync(join(this.#cgroup, 'memory.kmem.usage_in_bytes'), 'utf8'));
    const fixed = value('total_unevictable');
    return {
      anonymous: value('total_rss'),
      shared,
      files: value('total_cache') - shared - fixed,
      kernel: kernel + fixed,
      swapped: value('total_swap')
    };
  }
}

/** Why no router can have compressed swap here, in one line; else undefined. */
export function whyNoZram(): string | undefined {
  if (!existsSync('/sys/class/zram-control')) return 'compressed swap needs the kernel module zram';
  if (machineMemory()['SwapTotal'] !== 0)
    return 'compressed swap can be tried where the machine itself has no swap';
  return undefined;
}

/** In bytes, of the machine. */
function machineMemory(): Record<string, number> {
  const lines = readFileSync('/proc/meminfo', 'utf8').matchAll(/^(\w+): +(\d+) kB$/gm);
  return Object.fromEntries([...lines].map(([, name = '', kilobytes]) => [name, Number(kilobytes) * 1024]));
}

/** What the kernel takes for all that it keeps compressed. */
function zramBytes(): number {
  let bytes = 0;
  for (const name of readdirSync('/sys/block')) {
    if (!name.startsWith('zram')) continue;
    try {
      const [, , used] = readFileSync(join('/sys/block', name, 'mm_stat'), 'utf8')
        .trim()
        .split(/ +/);
      bytes += Number(used);
    } catch {
      // It is just being removed.
    }
  }
  return bytes;
}

/** The kernel shows where its nodes were in the router, which may be gone. */
const endSwap = `
  while read -r device _; do
    case $device in */zram*)
      swapoff "/dev/zram\${device##*/zram}"
      echo "\${device##*/zram}" >/sys/class/zram-control/hot_remove
    esac
  done </proc/swaps`;

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
    ! ls -d "$0"zram-* || (${endSwap})
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
