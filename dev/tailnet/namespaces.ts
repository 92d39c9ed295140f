import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { cgroupsOfOurs } from '../router/memory.ts';
import { isInstalled } from '../setup/debian.ts';
import { basicEnvironment, killGroup, run, succeed, type CommandOptions, type Result } from './command.ts';
import { waitFor } from './wait.ts';

/**
 * Starts this program again inside namespaces of its own, with nothing but a loopback interface, and returns its
 * exit code; everything in there ends with it, and with this process. `network: false` leaves it in the machine's
 * network; `door` listens in this one, and is served in there (`receiveDoor`).
 */
export async function runIsolated(
  script: string,
  args: readonly string[],
  { network = true, door }: { network?: boolean; door?: Server } = {}
): Promise<number> {
  const flags = ['--fork', '--pid', '--mount', '--mount-proc', '--kill-child', ...(network ? ['--net'] : [])];
  const command = underInit([process.execPath, ...process.execArgv, script, ...args]);
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...flags, ...command], {
    env: { ...process.env, ...cgroupsOfOurs(), [isolatedVariable]: nameProcess(process.pid) },
    stdio: ['inherit', 'inherit', 'inherit', ...(door ? (['ipc'] as const) : [])]
  });
  if (door) child.send('door', door, () => door.close());
  // Init gets no signal but those that it passes on, and the program in there says itself when it is over.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const inside = childOf(child.pid ?? 0);
      if (inside > 0) process.kill(inside, 'SIGINT');
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

/**
 * A command as the child of an init that asks how orphans have ended: until somebody has, the PID namespace that they
 * were in, a router's for one, does not end. The bare command where there is no such init.
 */
export function underInit(command: readonly string[]): string[] {
  return [...(isInstalled('tini') ? ['tini', '--'] : []), ...command];
}

/** Whether this process is the one that `runIsolated` started. */
export function isIsolated(): boolean {
  return process.env[isolatedVariable] !== undefined;
}

/** What `runIsolated` was called in, as `nameProcess` names it outside. */
export function outerProcess(): string {
  return process.env[isolatedVariable] ?? '';
}

/** The door that `runIsolated` was given. */
export async function receiveDoor(): Promise<Server> {
  const [, door] = (await once(process, 'message')) as [unknown, Server];
  return door;
}

/** A name that no other process ever has: `PID@START`. Throws if that process does not run. */
export function nameProcess(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Its command may contain blanks and parentheses. What follows is field 3; its start is field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') throw new Error(`process ${pid} has ended`);
  return `${pid}@${fields[19] ?? ''}`;
}

const isolatedVariable = 'TSR_ISOLATED';

/**
 * The Internet as far as these hosts know it: one bridge, on which this process has an address, too. Takes
 * over /run, where everything that is made here belongs; nothing on the machine's disk is touched.
 */
export class Internet {
  /** Of this process: what it serves there, every host can reach. */
  readonly address = address4(1);
  readonly address6 = address6(1);
  readonly #hosts: Host[] = [];
  readonly #numbers = new Map<string, number>();

  /** To be called in namespaces of one's own: `runIsolated`, or what runs the tests. */
  static async open(): Promise<Internet> {
    await takeOverRun();
    const internet = new Internet();
    await succeed(['ip', '-batch', '-'], {
      input: `
        link set lo up
        link add internet type bridge
        addr add ${internet.address}/24 dev internet
        addr add ${address6(1)}/64 dev internet nodad
        link set internet up
      `.replace(/^ +/gm, '')
    });
    return internet;
  }

  /** A new host; one that had the same name before must be off, and its address is taken over. */
  async addHost(name: string): Promise<Host> {
    const number = this.#numbers.get(name) ?? this.#numbers.size + 2;
    this.#numbers.set(name, number);
    const init = await startInit(name, ['--net']);
    const plug = `host${this.#hosts.length}`;
    const host = new Host(name, [address4(number), address6(number)], init, async () => {
      await run(['ip', 'link', 'del', plug]);
    });
    this.#hosts.push(host);
    await succeed(['ip', '-batch', '-'], {
      input: `link add ${plug} type veth peer name eth0 netns ${host.pid}\nlink set ${plug} master internet up\n`
    });
    await host.succeed(['ip', '-batch', '-'], {
      input: `
        link set lo up
        addr add ${address4(number)}/24 dev eth0
        addr add ${address6(number)}/64 dev eth0 nodad
        link set eth0 up
        route add default via ${this.address}
        route add default via ${address6(1)}
      `.replace(/^ +/gm, '')
    });
    return host;
  }

  /** Switches every host off. */
  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.powerOff()));
  }
}

/** Puts an empty /run in memory over the machine's, for this mount namespace: a place for all that is made here. */
export async function takeOverRun(): Promise<void> {
  await succeed(['mount', '-t', 'tmpfs', 'tmpfs', '/run']);
}

/** A host in the machine's own network, for what must reach the real Internet. */
export async function hostOnRealNetwork(name: string): Promise<Host> {
  return new Host(name, ['127.0.0.1', '::1'], await startInit(name, []), () => Promise.resolve());
}

/** A PID, mount, host name and (mostly) network namespace, which its init process keeps alive. */
export class Host {
  readonly name: string;
  /** IPv4, on the Internet's bridge. */
  readonly address: string;
  /** IPv6, likewise. */
  readonly address6: string;
  /** Of its init process, as seen from here. */
  readonly pid: number;
  readonly #init: ChildProcess;
  readonly #unplug: () => Promise<void>;
  readonly #entered = new Set<ChildProcess>();

  constructor(name: string, addresses: readonly [string, string], init: Init, unplug: () => Promise<void>) {
    this.name = name;
    [this.address, this.address6] = addresses;
    this.pid = init.pid;
    this.#init = init.child;
    this.#unplug = unplug;
  }

  /** Starts a program in this host; what it says is appended to the file `log`. */
  spawn(
    argv: readonly string[],
    { env = {}, log }: { env?: Readonly<Record<string, string>>; log: string }
  ): Program {
    const output = openSync(log, 'a');
    const [file = '', ...args] = this.#enter(argv);
    const child = spawn(file, args, {
      env: { ...basicEnvironment, ...env },
      stdio: ['ignore', output, output],
      detached: true
    });
    closeSync(output);
    this.#follow(child);
    return new Program(child);
  }

  /** `run` of command.ts, in this host. */
  run(argv: readonly string[], options?: CommandOptions): Promise<Result> {
    return run(this.#enter(argv), this.#followed(options));
  }

  /** `succeed` of command.ts, in this host. */
  succeed(argv: readonly string[], options?: CommandOptions): Promise<string> {
    return succeed(this.#enter(argv), this.#followed(options));
  }

  /** Kills every process at one moment; network, mounts and files stay. */
  async killProcesses(): Promise<void> {
    await this.#allEntered();
    await this.run(['sh', '-c', 'kill -9 -1']);
    // The kernel takes its time, and a dying one may still hold a socket.
    const left = () => processIds(`/proc/${this.pid}/root/proc`).length;
    await waitFor('all processes are gone', 10, () => left() === 1, 2);
  }

  /** Cuts the power: all processes are killed at one moment; network and mounts are gone when this returns. */
  async powerOff(): Promise<void> {
    if (hasEnded(this.#init)) return;
    await this.#allEntered();
    const gone = once(this.#init, 'close');
    process.kill(this.pid, 'SIGKILL');
    await gone;
    await this.#unplug();
  }

  /** What is only about to enter the host would come too late to be killed with the others. */
  async #allEntered(): Promise<void> {
    const hasEntered = (child: ChildProcess) => hasEnded(child) || childOf(child.pid ?? 0) > 0;
    await waitFor('all programs are in the host', 5, () => [...this.#entered].every(hasEntered), 1);
  }

  #follow(child: ChildProcess): void {
    this.#entered.add(child);
    child.once('exit', () => this.#entered.delete(child));
  }

  #followed(options?: CommandOptions): CommandOptions {
    return {
      ...options,
      started: (child) => {
        this.#follow(child);
      }
    };
  }

  #enter(argv: readonly string[]): string[] {
    const namespaces = ['--pid', '--mount', '--net', '--uts'];
    return ['nsenter', '--target', `${this.pid}`, ...namespaces, '--wd=/', '--', ...argv];
  }
}

/** A program that runs in a host. */
export class Program {
  /** Its exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = once(child, 'close').then(([code]) => code as number | null);
  }

  get running(): boolean {
    return !hasEnded(this.#child);
  }

  /** Its process id as seen from here: of the program itself, not of what brought it into the host. */
  async pid(): Promise<number> {
    return waitFor('the program has started', 5, () => this.running && childOf(this.#child.pid ?? 0), 5);
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    process.kill(await this.pid(), name);
    // What brought it into the host stops with it, and does not go on by itself.
    if (name === 'SIGCONT') this.#child.kill(name);
  }

  /** SIGTERM, and SIGKILL if that is not obeyed within `seconds`; returns the exit code. */
  async stop(seconds = 10): Promise<number | null> {
    if (this.running) await this.signal('SIGTERM');
    const timer = setTimeout(() => {
      killGroup(this.#child);
    }, seconds * 1000);
    const code = await this.ended;
    clearTimeout(timer);
    return code;
  }
}

interface Init {
  child: ChildProcess;
  pid: number;
}

async function startInit(name: string, flags: readonly string[]): Promise<Init> {
  const child = spawn(
    'unshare',
    // An init that ignores SIGCHLD leaves no zombies behind.
    [
      ...['--fork', '--pid', '--mount', '--uts', '--mount-proc', '--kill-child', ...flags],
      ...['sh', '-c', 'hostname "$0" && exec env --ignore-signal=CHLD sleep infinity', name]
    ],
    { stdio: 'ignore', detached: true }
  );
  const isUp = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n';
  const pid = () => childOf(child.pid ?? 0);
  await waitFor(`host ${name}`, 10, () => isUp(pid()), 2);
  return { child, pid: pid() };
}

/** The process id of a process's only child; 0 if it has none (yet). */
function childOf(pid: number): number {
  return Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) || 0;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function processIds(proc: string): string[] {
  return readdirSync(proc).filter((name) => /^\d+$/.test(name));
}

// Addresses for documentation (RFC 5737, RFC 3849): they mean nothing outside.
function address4(number: number): string {
  return `192.0.2.${number}`;
}

function address6(number: number): string {
  return `2001:db8::${number.toString(16)}`;
}
