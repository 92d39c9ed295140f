import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed } from '../../dev/tailnet/command.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import type { BootstrapState } from '../../src/shared/bootstrap-state.ts';
import { appletsFolder, bootstrapScript, ground } from './ground.ts';
import { openWrtRoot, releases, share } from './openwrt.ts';

/** Shells of Debian's, with nothing in PATH but what OpenWrt's busybox has. */
export const debianShells: readonly string[] = ['busybox ash', 'dash'];

/** Where the bootstrap must run: those, and each OpenWrt userland that is at hand. */
export const shells: readonly string[] = [
  ...debianShells,
  ...releases.map((release) => `OpenWrt ${release}`)
];

/** How the daemon is started in most tests: it lives, and needs neither TUN nor a network. */
export const daemonArguments = ['--tun=userspace-networking', '--port=0', '--no-logs-no-support'];

export interface SandboxOptions {
  /** Size of a file system of the RAM directory's own; otherwise it shares a large one. */
  megabytes?: number;
  /** Whether the clock was set in this boot: so unless told. */
  clockIsSet?: boolean;
}

/** A router's directories, and the bootstrap running in them. */
export class Sandbox {
  readonly env: Record<string, string>;
  /** Every state that `bootstrap.json` was seen in, without repetitions. */
  readonly states: BootstrapState[] = [];
  /** What was logged. */
  log = '';
  child: ChildProcess | undefined;
  /** A command that the bootstrap is started by. */
  prefix: readonly string[] = [];

  readonly directory: string;
  readonly script: string;
  /** What stands before the script on the command line. */
  readonly shell: readonly [string, ...string[]];
  /** The root directory that the bootstrap runs in, if it is not this machine's. */
  readonly #root: string | undefined;
  readonly #mounts: string[] = [];

  constructor(shell: readonly [string, ...string[]], directory: string, path: string, root?: string) {
    this.shell = shell;
    this.directory = directory;
    this.script = join(directory, 'bootstrap');
    this.#root = root;
    this.env = {
      PATH: path,
      TSR_ARCH: 'amd64',
      TSR_FETCH: root === undefined ? '/usr/bin/wget' : '',
      TSR_VERIFY: root === undefined ? '/usr/bin/signify-openbsd' : '',
      TSR_RAM_DIR: join(directory, 'ram/tailscale-ram'),
      TSR_RUN_DIR: join(directory, 'run/tailscale-ram'),
      TSR_STATE_DIR: join(directory, 'flash/tailscale-ram'),
      TSR_RESOLV_CONF: join(directory, 'resolv.conf'),
      TSR_ROOT: join(directory, 'root'),
      TS_LOGS_DIR: directory
    };
  }

  /** An empty router, its clock set unless said otherwise. */
  static async create(
    shell: string,
    { megabytes, clockIsSet = true }: SandboxOptions = {}
  ): Promise<Sandbox> {
    const directory = await mkdtemp(join(await ground(), 'bootstrap-'));
    for (const name of ['ram', 'run', 'flash/tailscale-ram', 'root/etc/rc.d']) {
      await mkdir(join(directory, name), { recursive: true });
    }
    const sandbox = await enter(shell, directory);
    if (megabytes !== undefined) await sandbox.#mountRam(megabytes);
    await writeFile(sandbox.script, await bootstrapScript(), { mode: 0o755 });
    await mkdir(sandbox.runDirectory, { mode: 0o700 });
    if (clockIsSet) await writeFile(join(sandbox.runDirectory, 'clock-synced'), '');
    return sandbox;
  }

  get ramDirectory(): string {
    return this.env['TSR_RAM_DIR'] ?? '';
  }

  get runDirectory(): string {
    return this.env['TSR_RUN_DIR'] ?? '';
  }

  /** Points the bootstrap at a mirror. */
  use(mirror: { url: string; caFile: string }): this {
    const caFile = join(this.directory, 'ca.pem');
    copyFileSync(mirror.caFile, caFile);
    Object.assign(this.env, { TSR_SOURCE: mirror.url, TSR_CA_FILE: caFile });
    return this;
  }

  /** Starts a command of the bootstrap, and watches its state. */
  start(args: readonly string[] = ['run', '--', ...this.#daemonArguments()]): ChildProcess {
    // Only what this one says counts.
    rmSync(join(this.runDirectory, 'bootstrap.json'), { force: true });
    const [program = '', ...rest] = [...this.prefix, ...this.shell, this.script, ...args];
    const child = spawn(program, rest, { env: this.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const note = (chunk: Buffer): void => {
      this.log += chunk.toString();
    };
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    this.child = child;
    void this.#watch(child);
    return child;
  }

  /** Runs a command of the bootstrap to its end. */
  async command(...args: string[]): Promise<{ code: number | null; output: string }> {
    const before = this.log.length;
    const child = this.start(args);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output: this.log.slice(before) };
  }

  /** The state as it is now; throws if it is not valid JSON. */
  state(name = 'bootstrap.json'): BootstrapState | undefined {
    let text: string;
    try {
      text = readFileSync(join(this.runDirectory, name), 'utf8');
    } catch {
      return undefined;
    }
    return JSON.parse(text) as BootstrapState;
  }

  /** Waits until the state is as wanted, and returns it. */
  async until(wanted: (state: BootstrapState) => boolean, seconds = 30): Promise<BootstrapState> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const state = this.state();
      if (state && wanted(state)) return state;
      if (Date.now() > deadline) {
        throw new Error(
          `not within ${seconds} s; the state is ${JSON.stringify(state)}, the log:\n${this.log}`
        );
      }
      await sleep(10);
    }
  }

  /** Waits for an attempt to end in an error, and returns the state then. */
  failure(seconds = 30): Promise<BootstrapState> {
    return this.until(({ error, retry_in }) => error !== null && retry_in !== null, seconds);
  }

  /** Puts a version in place that the bootstrap takes for one that it fetched earlier. */
  async install(version: string, program: string): Promise<void> {
    const bin = join(this.ramDirectory, 'bin');
    await mkdir(bin, { recursive: true, mode: 0o700 });
    await writeFile(join(this.ramDirectory, 'version'), `${version} amd64\n`);
    await copyFile(program, join(bin, 'tailscaled'));
  }

  /** What lies in bin/. */
  binaries(): string[] {
    const bin = join(this.ramDirectory, 'bin');
    return existsSync(bin) ? readdirSync(bin).sort() : [];
  }

  /** Everything below the RAM directory, as paths relative to it. */
  ramFiles(): string[] {
    return existsSync(this.ramDirectory)
      ? (readdirSync(this.ramDirectory, { recursive: true }) as string[])
      : [];
  }

  /** The program that the started process is now. */
  program(): string {
    return readlinkSync(`/proc/${String(this.child?.pid)}/exe`).slice(this.#root?.length ?? 0);
  }

  /** Ends what was started, and waits for it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const ended = once(child, 'close');
    const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }

  /** Ends everything and removes the directories. */
  async remove(): Promise<void> {
    await this.stop();
    for (const name of this.ramFiles().filter((file) => /^image\.[^/]*$/.test(file)))
      await succeed(['umount', join(this.#root ?? '/', this.ramDirectory, name)]);
    for (const place of this.#mounts) await succeed(['umount', '-l', place]);
    await rm(this.directory, { recursive: true, force: true });
  }

  async #mountRam(megabytes: number): Promise<void> {
    const place = join(this.directory, 'ram');
    await succeed(['mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'ram', place]);
    this.#mounts.push(place);
    if (this.#root === undefined) return;
    await share(this.#root, place);
    this.#mounts.push(join(this.#root, place));
  }

  #daemonArguments(): string[] {
    const state = join(this.directory, 'flash/tailscaled.state');
    return [
      ...daemonArguments,
      `--state=${state}`,
      `--socket=${join(this.directory, 'run/tailscaled.sock')}`
    ];
  }

  async #watch(child: ChildProcess): Promise<void> {
    while (child.exitCode === null && child.signalCode === null) {
      const state = this.state();
      if (state && JSON.stringify(state) !== JSON.stringify(this.states.at(-1))) this.states.push(state);
      await sleep(10);
    }
  }
}

async function enter(shell: string, directory: string): Promise<Sandbox> {
  if (shell.startsWith('OpenWrt ')) {
    const root = await openWrtRoot(shell.slice('OpenWrt '.length));
    const path = '/usr/sbin:/usr/bin:/sbin:/bin';
    return new Sandbox(['/usr/sbin/chroot', root, '/bin/sh'], directory, path, root);
  }
  const command = shell === 'dash' ? (['/usr/bin/dash'] as const) : (['/usr/bin/busybox', 'ash'] as const);
  return new Sandbox(command, directory, await appletsFolder());
}
