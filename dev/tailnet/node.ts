import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TailscaleBinaries } from '../setup/go.ts';
import { quietEnvironment, TailscaleCli } from './cli.ts';
import type { Host, Program } from './namespaces.ts';
import { waitFor } from './wait.ts';

/** A plain tailscaled with a TUN device on a host: somebody else's device in the tailnet. */
export class TailnetNode {
  readonly host: Host;
  readonly cli: TailscaleCli;
  readonly #program: Program;
  readonly #directory: string;

  /** Its state, socket and log are in `directory`; `environment` is more of tailscaled's. */
  static async start(
    host: Host,
    binaries: TailscaleBinaries,
    caFile: string,
    directory: string,
    environment: Readonly<Record<string, string>> = {}
  ): Promise<TailnetNode> {
    await mkdir(directory, { recursive: true });
    const socket = join(directory, 'socket');
    const program = host.spawn(
      [
        binaries.tailscaled,
        `--statedir=${directory}`,
        `--state=${join(directory, 'tailscaled.state')}`,
        `--socket=${socket}`,
        '--port=41641'
      ],
      {
        env: { ...quietEnvironment, SSL_CERT_FILE: caFile, TS_LOGS_DIR: directory, ...environment },
        log: join(directory, 'log')
      }
    );
    const cli = new TailscaleCli(host, [binaries.tailscale, `--socket=${socket}`]);
    await waitFor(`tailscaled of ${host.name} answers`, 10, async () => {
      if (!program.running) throw new Error(`it has ended: see ${join(directory, 'log')}`);
      return await cli.status();
    });
    return new TailnetNode(host, cli, program, directory);
  }

  private constructor(host: Host, cli: TailscaleCli, program: Program, directory: string) {
    this.host = host;
    this.cli = cli;
    this.#program = program;
    this.#directory = directory;
  }

  /** Returns its address in the tailnet. */
  async login(url: string, key: string): Promise<string> {
    await this.cli.succeed('up', `--login-server=${url}`, `--auth-key=${key}`, '--accept-dns=false');
    return this.cli.ip();
  }

  /** Sends back whatever comes over TCP to a port of its. */
  echo(port: number): void {
    this.host.spawn(['busybox', 'nc', '-ll', '-p', `${port}`, '-e', 'cat'], {
      log: join(this.#directory, 'echo.log')
    });
  }

  /** It answers no more, as one whose machine hangs; or goes on. */
  async freeze(isFrozen: boolean): Promise<void> {
    await this.#program.signal(isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }
}
