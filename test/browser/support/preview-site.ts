import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repository } from '../../../build/package.ts';
import { buildRoot } from '../../../build/root.ts';
import { runOnHost, type HostProgram } from '../../../dev/host/program.ts';
import { createAuthority } from '../../../dev/mirror/certificates.ts';
import { startPreview, type Preview } from '../../../dev/preview/server.ts';
import { headscaleBinary, tailscaleBinaries } from '../../../dev/setup/go.ts';
import { quietEnvironment } from '../../../dev/tailnet/cli.ts';
import { Headscale } from '../../../dev/tailnet/headscale.ts';
import { Internet } from '../../../dev/tailnet/namespaces.ts';
import { TailnetNode } from '../../../dev/tailnet/node.ts';
import { waitFor } from '../../../dev/tailnet/wait.ts';
import type { BootstrapState } from '../../../src/shared/bootstrap-state.ts';
import { testVersions } from '../../../src/shared/test-versions.ts';
import { pageUrl } from './menu.ts';
import type { PageName, Site } from './site.ts';

/** The preview, with the agent on Node, tailscaled, headscale and another device: all in this test's namespaces. */
export class PreviewSite implements Site {
  readonly kind = 'preview';
  readonly name = 'preview';
  readonly userName = 'anna';
  readonly origin: string;
  readonly #parts: Parts;

  /** To be called once. `environment` is more of the agent's: its `TSR_…` variables. */
  static async open(environment: Readonly<Record<string, string>> = {}): Promise<PreviewSite> {
    const internet = await Internet.open();
    const root = await mkdtemp(join(tmpdir(), 'site-'));
    const { tailscaled, tailscale } = await tailscaleBinaries(testVersions.latest);
    const tree = join(root, 'package');
    for (const folder of ['etc/tailscale-ram', 'state', 'tmp', 'var/run/tailscale', 'var/run/tailscale-ram'])
      await mkdir(join(root, folder), { recursive: true });
    const authority = await createAuthority();
    const caFile = join(root, 'ca.pem');
    await writeFile(caFile, authority.certificate);
    await writeFile(join(root, 'var/run/tailscale-ram/bootstrap.json'), JSON.stringify(bootstrapState));
    await buildRoot(tree);
    await cp(join(tree, 'etc/config'), join(root, 'etc/config'), { recursive: true });

    const daemon = startDaemon(tailscaled, root, caFile);
    const agent = startAgent(root, environment);
    const [preview, headscale, laptop] = await Promise.all([
      startPreview({ bus: agent.bus, tree }),
      Headscale.start(
        await internet.addHost('control'),
        await headscaleBinary(),
        authority,
        join(root, 'headscale')
      ),
      TailnetNode.start(
        await internet.addHost('laptop'),
        { tailscaled, tailscale },
        caFile,
        join(root, 'laptop')
      )
    ]);
    const authKey = await headscale.preauthKey(await headscale.createUser('anna'));
    await laptop.login(headscale.url, authKey);
    const site = new PreviewSite({
      root,
      tree,
      internet,
      agent,
      daemon,
      preview,
      headscale,
      laptop,
      authKey
    });
    await waitFor('the agent knows tailscaled', 20, async () => (await site.ask('status'))['state']);
    return site;
  }

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.origin = parts.preview.url.replace(/\/$/, '');
  }

  get headscale(): Headscale {
    return this.#parts.headscale;
  }

  get laptop(): TailnetNode {
    return this.#parts.laptop;
  }

  get authKey(): string {
    return this.#parts.authKey;
  }

  url(page: PageName, readonly = false): string {
    return `${this.origin}${pageUrl(page)}${readonly ? '?readonly' : ''}`;
  }

  isOwnProblem(): boolean {
    return false;
  }

  content(): string {
    return '#view > :not(.spinning)';
  }

  enter(): Promise<void> {
    return Promise.resolve();
  }

  async ask(method: string, args: object = {}): Promise<Record<string, unknown>> {
    const { status, data } = await this.#parts.agent.bus.call('tailscale-ram', method, args);
    if (status !== 0) throw new Error(`${method}: status ${status} of ubus`);
    return (data ?? {}) as Record<string, unknown>;
  }

  tailOfLog(): Promise<string> {
    return Promise.resolve(this.#parts.agent.output().slice(-2000));
  }

  async close(): Promise<void> {
    const { agent, daemon, internet, preview, root } = this.#parts;
    preview.close();
    daemon.kill('SIGKILL');
    await agent.kill();
    await internet.close();
    await rm(root, { recursive: true });
  }
}

interface Parts {
  root: string;
  tree: string;
  internet: Internet;
  agent: HostProgram;
  daemon: ChildProcess;
  preview: Preview;
  headscale: Headscale;
  laptop: TailnetNode;
  authKey: string;
}

/** What a bootstrap leaves behind that has done its work. */
const bootstrapState = {
  phase: 'running',
  since: 0,
  attempt: 1,
  version: testVersions.latest,
  arch: 'amd64',
  build: 'official',
  bytes: 0,
  total: null,
  retry_in: null,
  error: null
} satisfies BootstrapState;

function startDaemon(tailscaled: string, root: string, caFile: string): ChildProcess {
  const args = [
    '--tun=userspace-networking',
    `--statedir=${join(root, 'state')}`,
    `--state=${join(root, 'state/key')}`,
    `--socket=${join(root, 'var/run/tailscale/tailscaled.sock')}`
  ];
  const env = { ...process.env, ...quietEnvironment, SSL_CERT_FILE: caFile };
  return spawn(tailscaled, args, { env, stdio: 'ignore' });
}

function startAgent(root: string, environment: Readonly<Record<string, string>>): HostProgram {
  return runOnHost(fileURLToPath(new URL('src/agent/main.ts', repository)), {
    root,
    environment: {
      PATH: process.env['PATH'] ?? '',
      // Its own programs get such paths as arguments.
      TSR_RUN_DIR: join(root, 'var/run/tailscale-ram'),
      ...environment
    }
  });
}
