import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repository } from '../../build/package.ts';
import { fromBytes } from '../host/bytes.ts';
import { runOnHost, type HostProgram } from '../host/program.ts';
import type { Bus } from '../host/system/bus.ts';
import type { Status } from '../../src/shared/status.ts';
import type { Router } from '../tailnet/router.ts';
import { waitFor } from '../tailnet/wait.ts';
import type { Terminal } from './terminal.ts';

/** A router's agent, and the command that asks it: both on Node, because there is no ucode. */
export class Agent {
  readonly #program: HostProgram;
  readonly #root: string;
  readonly #terminal: Terminal;

  static async start(router: Router, terminal: Terminal): Promise<Agent> {
    const root = await mkdtemp(join(tmpdir(), 'agent-'));
    await mkdir(join(root, 'var'));
    await symlink(router.run(), join(root, 'var/run'));
    await symlink(router.tmp(), join(root, 'tmp'));
    await symlink(`/proc/${router.host.pid}/root/etc`, join(root, 'etc'));
    const program = runOnHost(source('agent'), { root });
    await terminal.step('Starts the agent', () =>
      waitFor('the agent knows tailscaled', 30, async () => {
        const { data } = await program.bus.call('tailscale-ram', 'status', {});
        return data !== null && (data as Status).daemon;
      })
    );
    return new Agent(program, root, terminal);
  }

  /** Where it can be asked. */
  get bus(): Bus {
    return this.#program.bus;
  }

  private constructor(program: HostProgram, root: string, terminal: Terminal) {
    this.#program = program;
    this.#root = root;
    this.#terminal = terminal;
  }

  /** `tailscale-ram ARGS…`: shows what it says; `said` gets all of it each time. Throws if it fails. */
  async command(args: readonly string[], said?: (text: string) => void): Promise<void> {
    let text = '';
    const program = runOnHost(source('command'), {
      root: this.#root,
      bus: this.#program.bus,
      args,
      write: (_, bytes) => {
        const piece = fromBytes(bytes);
        this.#terminal.line(piece.trimEnd());
        said?.((text += piece));
      }
    });
    const code = await program.ended;
    if (code !== 0) throw new Error(`tailscale-ram ${args.join(' ')} ended with ${code}`);
  }

  /** Logs in by link; `open` is what a person does with it. */
  async login(server: string, open: (link: string) => Promise<void>): Promise<void> {
    let link: string | undefined;
    const ended = this.command(['login', `--login-server=${server}`], (text) => {
      link ??= /To log in, open (\S+)\n[^]*█\n/.exec(text)?.[1];
    });
    await Promise.race([ended, waitFor('the login link', 60, () => link)]);
    if (link !== undefined) await open(link);
    await ended;
  }
}

function source(folder: string): string {
  return fileURLToPath(new URL(`src/${folder}/main.ts`, repository));
}
