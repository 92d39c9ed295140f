import { closeSync, openSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootstrapState } from '../../src/shared/bootstrap-state.ts';
import { TailscaleCli } from './cli.ts';
import { succeed, type Result } from './command.ts';
import { Flash } from './flash.ts';
import type { Host, Program } from './namespaces.ts';

export interface RouterOptions {
  /** A folder of its own, not on /tmp. */
  directory: string;
  /** Called at each boot. */
  makeHost: () => Promise<Host>;
  /** The package's files as installed. */
  tree: string;
  /** A CA certificate (PEM) to trust instead of the system's. */
  caFile?: string;
  /** What dnsmasq, which is not here, would write to /etc/resolv.conf. */
  resolvConf: string;
  /** More of the environment: the bootstrap's variables, tailscaled's. */
  environment: Readonly<Record<string, string>>;
  /** Of the file system for /tmp and /var, which is half of a router's memory. */
  ramMegabytes: number;
  /** `--tun` of tailscaled. */
  tun?: string;
}

/**
 * What of a router matters to the bootstrap: the package's files under /usr and /etc, changes of /etc on a
 * flash disk, /tmp and /var/run on one small RAM disk, busybox. RAM and flash outlive the host, which is what
 * runs while the power is on, so that one can look at them in between.
 */
export class Router {
  readonly #options: RouterOptions;
  readonly #flash: Flash;
  #host: Host | undefined;

  static async create(options: RouterOptions): Promise<Router> {
    await mkdir(options.directory);
    const router = new Router(options, await Flash.make(join(options.directory, 'flash')));
    await mkdir(join(router.#flash.path, 'work'));
    await mkdir(router.etc('ssl'), { recursive: true });
    if (options.caFile !== undefined) await copyFile(options.caFile, router.etc('ssl', 'test-ca.pem'));
    // As on OpenWrt, whose dnsmasq writes it.
    await symlink('/tmp/resolv.conf', router.etc('resolv.conf'));
    await mkdir(router.#ram);
    await router.#mountRam();
    return router;
  }

  private constructor(options: RouterOptions, flash: Flash) {
    this.#options = options;
    this.#flash = flash;
  }

  /** A path in the router's /etc, as seen from here: of files that were changed or made there. */
  etc(...parts: string[]): string {
    return join(this.#flash.path, 'upper', ...parts);
  }

  /** A path in the router's /tmp. */
  tmp(...parts: string[]): string {
    return join(this.#ram, 'tmp', ...parts);
  }

  /** A path in the router's /var/run. */
  run(...parts: string[]): string {
    return join(this.#ram, 'run', ...parts);
  }

  /** Where the bootstrap's and the daemon's words are kept, over all boots. */
  get log(): string {
    return join(this.#options.directory, 'log');
  }

  /** Of tailscaled, as seen from here. */
  get socket(): string {
    return this.run('tailscale', 'tailscaled.sock');
  }

  get isOn(): boolean {
    return this.#host !== undefined;
  }

  /** Throws while the power is off. */
  get host(): Host {
    if (!this.#host) throw new Error('the router is off');
    return this.#host;
  }

  /** The tailscale command as its users run it. */
  get cli(): TailscaleCli {
    return new TailscaleCli(this.host, tailscale);
  }

  /** Boots up to where the service would start. */
  async powerOn(): Promise<void> {
    const { makeHost, tree, resolvConf } = this.#options;
    const host = await makeHost();
    this.#host = host;
    await writeFile(this.tmp('resolv.conf'), resolvConf);
    const mounts = [
      ['-t', 'overlay', 'usr', '-o', `ro,lowerdir=${join(tree, 'usr')}:/usr`, '/usr'],
      [
        ...['-t', 'overlay', 'etc', '-o'],
        `lowerdir=${join(tree, 'etc')}:/etc,upperdir=${join(this.#flash.path, 'upper')},workdir=${join(this.#flash.path, 'work')}`,
        '/etc'
      ],
      // /tmp and /run may hide where these come from.
      ['--bind', this.#ram, '/mnt'],
      ['--bind', '/mnt/tmp', '/tmp'],
      ['--bind', '/mnt/run', '/run']
    ];
    for (const mount of mounts) await host.succeed(['mount', ...mount]);
    const prepare = `umask 077; . ${libexec}/settings; prepare_state "$@"`;
    await host.succeed(['busybox', 'ash', '-c', prepare, 'sh', stateFile, daemonDirectory]);
  }

  /** Starts the service's daemon instance with the arguments of the init script. */
  start(): Program {
    const { tun = 'tailscale0' } = this.#options;
    return this.host.spawn(
      [
        ...[...bootstrap, 'run', '--', `--state=${stateFile}`, `--statedir=${daemonDirectory}`],
        ...['--socket=/var/run/tailscale/tailscaled.sock', '--port=41641', `--tun=${tun}`, '--verbose=0']
      ],
      { env: this.#environment(), log: this.log }
    );
  }

  /** `bootstrap fetch …` or `bootstrap update …`. */
  bootstrap(...args: string[]): Promise<Result> {
    return this.host.run([...bootstrap, ...args], { env: this.#environment(), timeout: 120 });
  }

  /** Starts a tailscale command that takes its time; what it says goes to the log. */
  tailscale(...args: string[]): Program {
    return this.host.spawn([...tailscale, ...args], { log: this.log });
  }

  /** The last words of everything that runs here. */
  async tailOfLog(): Promise<string> {
    return (await readFile(this.log, 'utf8')).split('\n').slice(-20).join('\n');
  }

  /** What a bootstrap says it does; undefined if it says nothing. Throws if that is not JSON. */
  async state(command: 'bootstrap' | 'fetch' | 'update' = 'bootstrap'): Promise<BootstrapState | undefined> {
    const text = await readFile(this.run('tailscale-ram', `${command}.json`), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as BootstrapState);
  }

  /** Takes the power away. What was in RAM is still there to be looked at, until `emptyRam`. */
  async cutPower(): Promise<void> {
    // Else the kernel syncs the overlay's file system when the last one who sees it ends.
    const mounts = openSync(`/proc/${this.host.pid}/ns/mnt`, 'r');
    await this.host.powerOff();
    this.#host = undefined;
    await this.#flash.losePower();
    closeSync(mounts);
  }

  /** What a power cut does to RAM; the power must be off. */
  async emptyRam(): Promise<void> {
    await succeed(['umount', this.#ram]);
    await this.#mountRam();
  }

  get #ram(): string {
    return join(this.#options.directory, 'ram');
  }

  async #mountRam(): Promise<void> {
    await succeed(['mount', '-t', 'tmpfs', '-o', `size=${this.#options.ramMegabytes}m`, 'ram', this.#ram]);
    await mkdir(this.run());
    await mkdir(this.tmp());
    await chmod(this.tmp(), 0o1777);
  }

  #environment() {
    return {
      TSR_FETCH: '/usr/bin/wget',
      ...(this.#options.caFile !== undefined && { TSR_CA_FILE: caFile, SSL_CERT_FILE: caFile }),
      TS_NO_LOGS_NO_SUPPORT: '1',
      TS_LOGS_DIR: daemonDirectory,
      TS_DISABLE_TAILDROP: '1',
      TS_DEBUG_FIREWALL_MODE: 'nftables',
      ...this.#options.environment
    };
  }
}

const libexec = '/usr/libexec/tailscale-ram';
const bootstrap = ['busybox', 'ash', `${libexec}/bootstrap`];
const tailscale = ['busybox', 'ash', '/usr/sbin/tailscale'];
const stateFile = '/etc/tailscale/tailscaled.state';
const daemonDirectory = '/var/run/tailscale-ram/daemon';
const caFile = '/etc/ssl/test-ca.pem';
