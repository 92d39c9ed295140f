import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authority } from '../mirror/certificates.ts';
import { succeed } from './command.ts';
import type { Host, Program } from './namespaces.ts';
import { waitFor } from './wait.ts';

/** A node as headscale tells of it. */
export interface HeadscaleNode {
  id: number;
  name: string;
  node_key: string;
  machine_key: string;
  ip_addresses: string[];
  online?: boolean;
  user?: { name: string };
}

/** What a tailnet tells its nodes of names. */
export interface TailnetDns {
  /** Of the names of nodes. */
  domain: string;
  /** The servers for domains of their own. */
  split: Record<string, string[]>;
  /** For all other names. */
  resolvers: string[];
  records: { name: string; type: 'A' | 'AAAA'; value: string }[];
}

/**
 * A control server with its own DERP and STUN, which asks nothing outside. `directory` is for its database,
 * configuration and log.
 */
export class Headscale {
  /** What nodes take as `--login-server`. */
  readonly url: string;
  readonly #host: Host;
  readonly #directory: string;
  readonly #command: readonly string[];
  #program: Program | undefined;

  static async start(
    host: Host,
    binary: string,
    authority: Authority,
    directory: string
  ): Promise<Headscale> {
    const file = (name: string) => join(directory, name);
    const url = `https://${host.address}`;
    const { certificate, key } = await authority.issue([host.address, host.address6]);
    await mkdir(directory, { recursive: true });
    await writeFile(file('certificate.pem'), certificate);
    await writeFile(file('key.pem'), key, { mode: 0o600 });
    const headscale = new Headscale(url, host, binary, directory);
    await headscale.setDns();
    return headscale;
  }

  private constructor(url: string, host: Host, binary: string, directory: string) {
    this.url = url;
    this.#host = host;
    this.#directory = directory;
    this.#command = [binary, '--config', join(directory, 'config.yaml')];
  }

  /** Starts anew with this; what is not named is as at first. */
  async setDns(dns: Partial<TailnetDns> = {}): Promise<void> {
    const file = (name: string) => join(this.#directory, name);
    await this.#program?.stop();
    // JSON is YAML.
    const config = configuration(this.url, this.#host, file, {
      ...{ domain: 'tailnet.example', split: {}, resolvers: [], records: [] },
      ...dns
    });
    await writeFile(file('config.yaml'), JSON.stringify(config));
    const program = this.#host.spawn([...this.#command, 'serve'], { log: file('log') });
    this.#program = program;
    await waitFor('headscale answers', 20, async () => {
      if (!program.running) throw new Error(`headscale has ended: see ${file('log')}`);
      return existsSync(file('socket')) && (await this.listNodes());
    });
  }

  /** Returns the user's number. */
  async createUser(name: string): Promise<number> {
    const user = (await this.#call('users', 'create', name)) as { id: number };
    return user.id;
  }

  /** A key for `tailscale up --auth-key`: reusable, or good for one login. */
  async preauthKey(user: number, isReusable = true): Promise<string> {
    const kind = isReusable ? ['--reusable'] : [];
    const key = (await this.#call('preauthkeys', 'create', '--user', `${user}`, ...kind)) as { key: string };
    return key.key;
  }

  /** What the person does who opens the login link. */
  async registerNode(userName: string, loginUrl: string): Promise<void> {
    const key = new URL(loginUrl).pathname.split('/').pop() ?? '';
    await this.#call('nodes', 'register', '--user', userName, '--key', key);
  }

  /** Adds nodes of this user that exist here only: there is nobody who would answer. */
  async addAbsentNodes(userName: string, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const key = randomBytes(12).toString('hex');
      await this.#call('debug', 'create-node', '--user', userName, '--name', name, '--key', key);
      await this.#call('nodes', 'register', '--user', userName, '--key', key);
    }
  }

  async listNodes(): Promise<HeadscaleNode[]> {
    return ((await this.#call('nodes', 'list')) ?? []) as HeadscaleNode[];
  }

  /** Approves these routes of a node and no others; the default routes make it an exit node. */
  async approveRoutes(node: number, routes: readonly string[]): Promise<void> {
    await this.#call('nodes', 'approve-routes', '--identifier', `${node}`, '--routes', routes.join());
  }

  /** The same for the node that has this address. */
  async approveRoutesOf(address: string, routes: readonly string[]): Promise<void> {
    const node = (await this.listNodes()).find((one) => one.ip_addresses.includes(address));
    if (!node) throw new Error(`nobody has the address ${address}`);
    await this.approveRoutes(node.id, routes);
  }

  /** The node has to log in again: now, or from then on. */
  async expire(node: number, when?: Date): Promise<void> {
    const expiry = when ? ['--expiry', when.toISOString()] : [];
    await this.#call('nodes', 'expire', '--identifier', `${node}`, ...expiry);
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async #call(...args: string[]): Promise<unknown> {
    return JSON.parse(await succeed([...this.#command, '--output', 'json', ...args])) as unknown;
  }
}

function configuration(
  url: string,
  { address, address6 }: Host,
  file: (name: string) => string,
  { domain, split, resolvers, records }: TailnetDns
) {
  return {
    server_url: url,
    listen_addr: ':443',
    metrics_listen_addr: '',
    grpc_listen_addr: '127.0.0.1:50443',
    unix_socket: file('socket'),
    unix_socket_permission: '0700',
    tls_cert_path: file('certificate.pem'),
    tls_key_path: file('key.pem'),
    noise: { private_key_path: file('noise.key') },
    prefixes: { v4: '100.64.0.0/10', v6: 'fd7a:115c:a1e0::/48' },
    database: { type: 'sqlite', sqlite: { path: file('db.sqlite') } },
    dns: {
      magic_dns: true,
      base_domain: domain,
      override_local_dns: resolvers.length > 0,
      nameservers: { global: resolvers, split },
      extra_records: records
    },
    derp: {
      server: {
        enabled: true,
        region_id: 999,
        region_code: 'test',
        region_name: 'Test',
        verify_clients: true,
        stun_listen_addr: ':3478',
        private_key_path: file('derp.key'),
        ipv4: address,
        ipv6: address6
      },
      urls: [],
      paths: [],
      auto_update_enabled: false
    },
    disable_check_updates: true,
    // Nodes hear of each other at once, not after 0.8 s.
    tuning: { batch_change_delay: '20ms', node_store_batch_timeout: '20ms' },
    log: { level: 'info' }
  };
}
