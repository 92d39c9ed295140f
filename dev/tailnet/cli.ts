import type { Result } from './command.ts';
import type { Host } from './namespaces.ts';
import { waitFor } from './wait.ts';

/** What is used here of `tailscale status --json`. */
export interface Status {
  Version: string;
  BackendState: string;
  /** Whether it has a tunnel. */
  TUN: boolean;
  AuthURL: string;
  TailscaleIPs: string[] | null;
  Self: NodeStatus;
  Peer: Record<string, NodeStatus> | null;
}

export interface NodeStatus {
  ID: string;
  PublicKey: string;
  HostName: string;
  TailscaleIPs: string[] | null;
  Online: boolean;
}

/** The tailscale command on a host. */
export class TailscaleCli {
  readonly #host: Host;
  readonly #command: readonly string[];

  /** `command` is what to start it with, options such as `--socket` included. */
  constructor(host: Host, command: readonly string[]) {
    this.#host = host;
    this.#command = command;
  }

  run(...args: string[]): Promise<Result> {
    return this.#host.run([...this.#command, ...args]);
  }

  /** Throws with what it said unless it ends with 0. */
  async succeed(...args: string[]): Promise<string> {
    return await this.#host.succeed([...this.#command, ...args]);
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.succeed('status', '--json')) as Status;
  }

  /** Waits until the node is in the tailnet. */
  async waitUntilRunning(seconds = 30): Promise<Status> {
    return waitFor('the node is Running', seconds, async () => {
      const status = await this.status();
      if (status.BackendState !== 'Running') throw new Error(`it is ${status.BackendState}`);
      return status;
    });
  }

  /** The node's IPv4 address in the tailnet. */
  async ip(): Promise<string> {
    return (await this.succeed('ip', '-4')).trim();
  }

  /** Disco pings until the answer comes directly; returns the peer's address on the Internet and its port. */
  async pingUntilDirect(address: string, tries = 40): Promise<string> {
    const said = await this.succeed(
      'ping',
      '--until-direct',
      '--c',
      `${tries}`,
      '--timeout',
      '500ms',
      address
    );
    const endpoint = /via (\S+:\d+) in/.exec(said)?.[1];
    if (endpoint === undefined) throw new Error(`no direct path to ${address}:\n${said}`);
    return endpoint;
  }
}

/** What makes a tailscaled ask nothing and nobody but its control server. */
export const quietEnvironment = {
  // It panics rather than ask Tailscale's own server.
  TS_PANIC_IF_HIT_MAIN_CONTROL: '1',
  TS_NO_LOGS_NO_SUPPORT: '1',
  TS_DISABLE_PORTMAPPER: '1'
} as const;
