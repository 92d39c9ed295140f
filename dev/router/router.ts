import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run, succeed, type CommandOptions, type Result } from '../tailnet/command.ts';
import { Flash } from '../tailnet/flash.ts';
import { waitFor } from '../tailnet/wait.ts';
import { bootScript } from './boot-script.ts';
import { withFrozenClock } from './frozen-clock.ts';
import { RouterMemory } from './memory.ts';
import type { Rootfs } from './rootfs.ts';

export interface OpenWrtOptions {
  rootfs: Rootfs;
  /** A folder of its own, not on an overlay; made here. */
  directory: string;
  /** Plugs the cables (eth0: LAN, eth1: WAN) into a machine whose first process is this; at each boot. */
  plug?: (pid: number) => Promise<void>;
  /** What its processes and its tmpfs have together; without it the machine's, and no limit. */
  memoryMegabytes?: number;
  /** Whether it can have compressed swap, for which `whyNoZram` must have nothing to say; with a memory of its own. */
  zram?: boolean;
  /** Of its /tmp; half of its memory unless told. */
  tmpMegabytes?: number;
  /** Without it, nothing can be sent through a tunnel. There, unless told. */
  tun?: boolean;
}

/**
 * An OpenWrt router: its own init and procd in namespaces of their own, over a root file system that is only read.
 * What is written lies on a flash disk of its own, /tmp in memory. It cannot set the clock, load modules, or reach
 * a disk; its network is what is plugged in.
 *
 * To be made in mount and PID namespaces of one's own (as tests are, or `runIsolated`): everything ends with them.
 */
export class OpenWrt {
  readonly release: string;
  readonly #options: OpenWrtOptions;
  readonly #flash: Flash;
  readonly #memory: RouterMemory | undefined;
  #init: Init | undefined;

  /** Made, with its flash empty, and off. */
  static async create(options: OpenWrtOptions): Promise<OpenWrt> {
    const { directory, memoryMegabytes, zram = false } = options;
    await mkdir(directory, { recursive: true });
    const memory =
      memoryMegabytes === undefined ? undefined : await RouterMemory.create(memoryMegabytes, directory, zram);
    const flash = await Flash.make(join(directory, 'flash'));
    await mkdir(join(flash.path, 'upper'));
    await mkdir(join(flash.path, 'work'));
    await mkdir(join(directory, 'root'));
    const router = new OpenWrt(options, flash, memory);
    await router.#mountRoot();
    return router;
  }

  private constructor(options: OpenWrtOptions, flash: Flash, memory: RouterMemory | undefined) {
    this.release = options.rootfs.release;
    this.#options = options;
    this.#flash = flash;
    this.#memory = memory;
  }

  /** A file of the router's root file system as seen from here; what it mounts itself, such as /tmp, is not there. */
  path(name: string): string {
    return join(this.#options.directory, 'root', name);
  }

  /** Of its first process, as seen from here. Throws while it is off. */
  get pid(): number {
    if (!this.#init) throw new Error('the router is off');
    return this.#init.pid;
  }

  get isOn(): boolean {
    return this.#init !== undefined;
  }

  /** How many processes ended for lack of memory. */
  get oomKills(): number {
    return this.#memory?.oomKills() ?? 0;
  }

  /** How many bytes have been written to its flash so far. */
  flashBytesWritten(): Promise<number> {
    return this.#flash.bytesWritten();
  }

  /** Where its flash shows what was written to it over the root file system: a folder, and paths as the router's. */
  get flashFolder(): string {
    return join(this.#flash.path, 'upper');
  }

  /** Switches it on; `ready` is what to wait for: nothing, ubus, or that all init scripts have run. */
  async powerOn(ready: 'none' | 'ubus' | 'booted' = 'booted'): Promise<void> {
    if (this.#init) throw new Error('the router is on');
    const init = await this.#startInit();
    this.#init = init;
    try {
      await this.#options.plug?.(init.pid);
      init.child.stdin?.end('go\n');
      const tmp = `/proc/${init.pid}/root/tmp/run`;
      await this.#whileOn('init has mounted /tmp', 10, () => existsSync(tmp), 5);
      await this.#limitTmp();
    } catch (error) {
      await this.#kill();
      throw error;
    }
    if (ready === 'ubus') await this.until('ubus is there', 20, ['ubus', 'list', 'service']);
    if (ready === 'booted') await this.until('it has booted', 40, 'logread | grep -q "init complete"');
  }

  /** Runs a program in it, or, given as text, a script for its shell. */
  exec(command: string | readonly string[], options: CommandOptions = {}): Promise<Result> {
    return run(this.enter(command, options.env), options);
  }

  /** Likewise; throws with what it said unless it ends with 0, and returns its standard output. */
  async succeed(command: string | readonly string[], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.exec(command, options);
    const text = typeof command === 'string' ? command : command.join(' ');
    if (code !== 0) throw new Error(`${text}: ${code ?? 'killed'}\n${stdout}${stderr}`.trim());
    return stdout;
  }

  /** The command line that runs a program, or a script, in it, from the namespaces in which it was made. */
  enter(command: string | readonly string[], env: Readonly<Record<string, string>> = {}): string[] {
    const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
    const variables = { HOME: '/root', USER: 'root', TERM: 'linux', PATH: path, ...env };
    return this.#confined([
      ...['nsenter', '--target', `${this.pid}`, '--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup'],
      ...['--root', '--wd', '--', 'env', '-i'],
      ...Object.entries(variables).map(([key, value]) => `${key}=${value}`),
      ...argv
    ]);
  }

  /** Calls ubus and returns the answer; undefined if it is empty. */
  async ubus(object: string, method: string, args: object = {}): Promise<unknown> {
    const text = await this.succeed(['ubus', '-S', 'call', object, method, JSON.stringify(args)]);
    return text.trim() === '' ? undefined : (JSON.parse(text) as unknown);
  }

  /** `uci ARGS…`, without the newline at its end. */
  async uci(...args: string[]): Promise<string> {
    return (await this.succeed(['uci', ...args])).trimEnd();
  }

  logread(...args: string[]): Promise<string> {
    return this.succeed(['logread', ...args]);
  }

  /** What went to its console, over all boots. */
  async console(): Promise<string> {
    return await readFile(this.#console, 'utf8').catch(() => '');
  }

  /** Waits until a command in it succeeds, or something is true; throws after so many seconds, and if it goes off. */
  async until<T>(
    what: string,
    seconds: number,
    condition: string | readonly string[] | (() => T | Promise<T>)
  ): Promise<T | boolean> {
    if (typeof condition === 'function') return this.#whileOn(what, seconds, condition, 50);
    // Starting programs all the time would slow down what is waited for.
    return this.#whileOn(what, seconds, async () => (await this.exec(condition)).code === 0, 250);
  }

  /** The content of a file in it as it is now, in RAM or on flash; undefined if there is none. */
  async read(name: string): Promise<string | undefined> {
    return readFile(this.#inside(name), 'utf8').catch(() => undefined);
  }

  /** Writes a file into it, on or off, folders included. While it is off, to its flash. */
  async write(name: string, content: string | Buffer, mode = 0o644): Promise<void> {
    await mkdir(dirname(this.#inside(name)), { recursive: true });
    await writeFile(this.#inside(name), content, { mode });
  }

  /** Copies a file or a tree into it. */
  async copy(source: string, name: string): Promise<void> {
    await cp(source, this.#inside(name), { recursive: true });
  }

  /** As its own command does it; what was in RAM is gone afterwards. */
  async reboot(ready?: 'none' | 'ubus' | 'booted'): Promise<void> {
    await this.exec(['reboot']);
    await waitFor('it has gone down', 40, () => this.hasGoneDown);
    await this.bootAgain(ready);
  }

  /** Whether it has ended by its own command, and can only boot again. */
  get hasGoneDown(): boolean {
    return this.#init !== undefined && hasEnded(this.#init.child);
  }

  /** What follows once it has gone down. */
  async bootAgain(ready?: 'none' | 'ubus' | 'booted'): Promise<void> {
    this.#init = undefined;
    await this.#memory?.powerOff();
    await succeed(['umount', this.path('')]);
    await this.#mountRoot();
    await this.powerOn(ready);
  }

  /** At once: what was not yet really written to flash is lost. It stays off. */
  async powerCut(): Promise<void> {
    await this.#kill();
    // The overlay would sync the flash as it goes: it goes after the flash has lost what it had not.
    await this.#flash.losePower();
    await succeed(['umount', this.path('')]);
    await this.#mountRoot();
  }

  /** Takes it away. */
  async remove(): Promise<void> {
    await this.#kill();
    await succeed(['umount', this.path('')]);
    await succeed(['umount', this.#flash.path]);
    await this.#memory?.remove();
    await rm(this.#options.directory, { recursive: true });
  }

  get #console(): string {
    return join(this.#options.directory, 'console');
  }

  /** Wherever it is now. A link with an absolute target must not be in the name. */
  #inside(name: string): string {
    return this.#init ? join(`/proc/${this.#init.pid}/root`, name) : this.path(name);
  }

  async #mountRoot(): Promise<void> {
    const layers = {
      lowerdir: this.#options.rootfs.tree,
      upperdir: join(this.#flash.path, 'upper'),
      workdir: join(this.#flash.path, 'work')
    };
    const options = Object.entries(layers).map(([name, path]) => `${name}=${path}`);
    await succeed(['mount', '-t', 'overlay', 'openwrt', '-o', ['nodev', ...options].join(), this.path('')]);
  }

  async #startInit(): Promise<Init> {
    const { directory } = this.#options;
    const script = bootScript({
      root: join(directory, 'root'),
      directory,
      console: this.#console,
      tun: this.#options.tun ?? true,
      zram: this.#options.zram ?? false,
      ...(this.#memory && { meminfo: this.#memory.meminfo })
    });
    const output = openSync(this.#console, 'a');
    const [program = '', ...args] = this.#confined([
      ...['unshare', '--fork', '--kill-child', '--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup'],
      ...['sh', '-c', script]
    ]);
    const child = spawn(program, args, { stdio: ['pipe', output, output], detached: true });
    closeSync(output);
    const pid = await waitFor('its first process', 10, () => onlyChild(child.pid ?? 0), 5);
    return { child, pid };
  }

  /** procd mounts it as large as half of the machine's memory. */
  async #limitTmp(): Promise<void> {
    const { memoryMegabytes = 256, tmpMegabytes = memoryMegabytes / 2 } = this.#options;
    const options = `remount,nosuid,nodev,noatime,size=${tmpMegabytes}m`;
    await this.succeed(['mount', '-o', options, '/tmp']);
  }

  async #kill(): Promise<void> {
    const init = this.#init;
    if (!init) return;
    this.#init = undefined;
    if (hasEnded(init.child)) return;
    const gone = once(init.child, 'close');
    process.kill(init.pid, 'SIGKILL');
    await gone;
    await this.#memory?.powerOff();
  }

  /** Whatever runs in it, from its first process on: no clock, no modules, no ports, its own memory. */
  #confined(argv: readonly string[]): string[] {
    const confined = ['setpriv', '--bounding-set', '-sys_module,-sys_rawio', ...withFrozenClock(argv)];
    if (!this.#memory) return confined;
    return ['sh', '-c', 'echo $$ >"$0" && exec "$@"', this.#memory.processes, ...confined];
  }

  async #whileOn<T>(what: string, seconds: number, probe: () => T | Promise<T>, pauseMs: number): Promise<T> {
    const outcome = await waitFor(
      what,
      seconds,
      async () => {
        if (!this.#init || hasEnded(this.#init.child)) return { off: true } as const;
        const value = await probe();
        return value && { value };
      },
      pauseMs
    );
    if ('off' in outcome) {
      throw new Error(`${what}: the router went off; its console:\n${(await this.console()).slice(-2000)}`);
    }
    return outcome.value;
  }
}

const path = '/usr/sbin:/usr/bin:/sbin:/bin';

interface Init {
  child: ChildProcess;
  pid: number;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** 0 if there is none yet. */
function onlyChild(pid: number): number {
  return Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) || 0;
}
