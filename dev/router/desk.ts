import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildApk, findApk } from '../../build/apk.ts';
import { buildIpk } from '../../build/ipk.ts';
import { readPackageInfo } from '../../build/package.ts';
import { buildRoot } from '../../build/root.ts';
import type { BootstrapState } from '../../src/shared/bootstrap-state.ts';
import type { Phase } from '../../src/shared/phases.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { createAuthority, type Authority } from '../mirror/certificates.ts';
import { startMirror, type Mirror } from '../mirror/mirror.ts';
import type { Release } from '../mirror/release-index.ts';
import { headscaleBinary, tailscaleBinaries } from '../setup/go.ts';
import type { Status } from '../tailnet/cli.ts';
import { Headscale } from '../tailnet/headscale.ts';
import { callLocalApi } from '../tailnet/localapi.ts';
import { Internet } from '../tailnet/namespaces.ts';
import { TailnetNode } from '../tailnet/node.ts';
import { realRelease } from '../tailnet/tailnet.ts';
import { PackageManager } from './package-manager.ts';
import type { Rootfs } from './rootfs.ts';
import { OpenWrt, type OpenWrtOptions } from './router.ts';
import { Surroundings } from './surroundings.ts';

/**
 * Where routers are tried: an Internet with a provider, the download server under its official name, a control
 * server and a node in the tailnet.
 */
export class Desk {
  readonly internet: Internet;
  readonly surroundings: Surroundings;
  /** Answers as https://pkgs.tailscale.com. */
  readonly mirror: Mirror;
  readonly headscale: Headscale;
  /** For `tailscale up --auth-key`; reusable. */
  readonly authKey: string;
  readonly peer: TailnetNode;
  /** In the tailnet. */
  readonly peerAddress: string;
  /** Trusted by every router and node on it. */
  readonly authority: Authority;
  readonly #directory: string;
  /** Once what is packed has been built. */
  #packageTree: Promise<void> | undefined;

  /** To be called in namespaces of one's own, once. `releases`: the latest unless told. */
  static async open(releases?: readonly Release[]): Promise<Desk> {
    const internet = await Internet.open();
    const directory = '/run/desk';
    await mkdir(directory);
    // Temporary files, too: nothing stays on disk, however this ends.
    process.env['TMPDIR'] = directory;
    const authority = await createAuthority();
    const caFile = join(directory, 'ca.pem');
    await writeFile(caFile, authority.certificate);
    const [surroundings, mirror, headscale, peer] = await Promise.all([
      Surroundings.open(
        internet,
        { [officialServer]: internet.address, [mirrorServer]: internet.address },
        directory
      ),
      startMirror({
        host: internet.address,
        port: 443,
        name: officialServer,
        releases: releases ?? [await realRelease(testVersions.latest)],
        authority
      }),
      Headscale.start(
        await internet.addHost('control'),
        await headscaleBinary(),
        authority,
        join(directory, 'headscale')
      ),
      TailnetNode.start(
        await internet.addHost('laptop'),
        await tailscaleBinaries(testVersions.latest),
        caFile,
        join(directory, 'laptop')
      )
    ]);
    const authKey = await headscale.preauthKey(await headscale.createUser('anna'));
    const peerAddress = await peer.login(headscale.url, authKey);
    const parts = { internet, surroundings, mirror, headscale, authKey, peer, peerAddress };
    return new Desk(parts, authority, directory);
  }

  private constructor(
    parts: Pick<
      Desk,
      'internet' | 'surroundings' | 'mirror' | 'headscale' | 'authKey' | 'peer' | 'peerAddress'
    >,
    authority: Authority,
    directory: string
  ) {
    this.internet = parts.internet;
    this.surroundings = parts.surroundings;
    this.mirror = parts.mirror;
    this.headscale = parts.headscale;
    this.authKey = parts.authKey;
    this.peer = parts.peer;
    this.peerAddress = parts.peerAddress;
    this.authority = authority;
    this.#directory = directory;
  }

  /** For the files of what is on it; in memory. */
  get directory(): string {
    return this.#directory;
  }

  /** Everything out here works again. `releases` as for `open`. */
  async reset(releases?: readonly Release[]): Promise<void> {
    this.mirror.setFault();
    this.mirror.setReleases(releases ?? [await realRelease(testVersions.latest)]);
    this.surroundings.time.isSilent = false;
    this.surroundings.time.ahead = 0;
    await this.surroundings.setDns(true);
    await this.surroundings.wan.connect();
    await this.surroundings.lan.connect();
  }

  /** A router, off, as it comes from its box, except that it trusts this Internet and asks its time server. */
  async addRouter(rootfs: Rootfs, options: Partial<OpenWrtOptions> = {}): Promise<OpenWrt> {
    const router = await OpenWrt.create({
      rootfs,
      directory: join(this.#directory, 'router'),
      plug: this.surroundings.plug,
      ...options
    });
    const bundle = 'etc/ssl/certs/ca-certificates.crt';
    await router.write(
      bundle,
      `${await readFile(router.path(bundle), 'utf8')}\n${this.authority.certificate}`
    );
    await router.write('etc/uci-defaults/99-desk', firstBootScript);
    return router;
  }

  /** The package for a router, as a file; `version` instead of package.json's. Throws where apk-tools 3 is missing. */
  async packageFor(router: OpenWrt, version?: string): Promise<string> {
    const { kind } = await PackageManager.of(router);
    const info = { ...(await readPackageInfo()), ...(version !== undefined && { version }) };
    const tree = join(this.#directory, 'package');
    await (this.#packageTree ??= buildRoot(tree));
    const apk = findApk();
    if (kind === 'apk' && !apk) throw new Error('no apk-tools 3: name one with the environment variable APK');
    const content = kind === 'apk' && apk ? await buildApk(apk, tree, info) : await buildIpk(tree, info);
    const file = join(this.#directory, `${info.name}-${info.version}.${kind}`);
    await writeFile(file, content);
    return file;
  }

  /** Installs the package. Throws with what the package manager said. */
  async install(router: OpenWrt, version?: string): Promise<void> {
    const manager = await PackageManager.of(router);
    const { code, stdout, stderr } = await manager.install(await this.packageFor(router, version));
    if (code !== 0) throw new Error(`the package was not installed: ${stdout}${stderr}`);
  }

  /** Logs in on the router's command line, and waits until it is in the tailnet. */
  async login(router: OpenWrt): Promise<Status> {
    await router.until('tailscaled answers', 60, () => daemonStatus(router));
    await router.succeed(
      ['tailscale', 'up', `--login-server=${this.headscale.url}`, `--auth-key=${this.authKey}`],
      {
        timeout: 60
      }
    );
    return untilRunning(router);
  }

  async close(): Promise<void> {
    await Promise.all([this.mirror.close(), this.surroundings.close()]);
    await this.internet.close();
  }
}

/** What the bootstrap says it does; undefined if it says nothing. */
export async function bootstrapState(router: OpenWrt): Promise<BootstrapState | undefined> {
  const text = await router.read('tmp/run/tailscale-ram/bootstrap.json');
  return text === undefined ? undefined : (JSON.parse(text) as BootstrapState);
}

/** Waits until the bootstrap says that it does this, and returns what else it says. */
export async function untilPhase(router: OpenWrt, phase: Phase, seconds = 30): Promise<BootstrapState> {
  return (await router.until(`the bootstrap is ${phase}`, seconds, async () => {
    const state = await bootstrapState(router);
    return state?.phase === phase && state;
  })) as BootstrapState;
}

/** The process ids of all tailscaled that run, in the router; empty if none does. */
export async function daemonPids(router: OpenWrt): Promise<string> {
  return (await router.exec(['pidof', 'tailscaled'])).stdout.trim();
}

/** What tailscaled says of itself; of whichever runs. Throws if it does not answer. Starts no program. */
export async function daemonStatus(router: OpenWrt): Promise<Status> {
  return (await callLocalApi(daemonSocket(router), 'GET', 'status')) as Status;
}

/** Where tailscaled answers, as seen from here. */
export function daemonSocket(router: OpenWrt): string {
  return `/proc/${router.pid}/root/tmp/run/tailscale/tailscaled.sock`;
}

/** Waits until the router is in the tailnet. */
export async function untilRunning(router: OpenWrt, seconds = 60): Promise<Status> {
  return (await router.until('it is in the tailnet', seconds, async () => {
    const status = await daemonStatus(router);
    return status.BackendState === 'Running' && status;
  })) as Status;
}

/** Waits until dnsmasq has started with the tailnet's names. */
export async function untilNamed(router: OpenWrt): Promise<void> {
  // busybox compares whole seconds.
  const hasStarted = `conf=$(ls /tmp/dnsmasq.*.d/tailscale-ram.conf) &&
    [ -s /var/run/dnsmasq/dnsmasq.*.pid ] && ! [ "$conf" -nt /var/run/dnsmasq/dnsmasq.*.pid ]`;
  await router.until('dnsmasq knows the names of the tailnet', 30, hasStarted);
}

const officialServer = 'pkgs.tailscale.com';
/** A name for a mirror of compact builds, which a test serves there. */
export const mirrorServer = 'mirror.example';

/** The addresses of this Internet are ones that dnsmasq takes for private. */
const firstBootScript = `uci -q batch <<'EOT'
add_list dhcp.@dnsmasq[0].rebind_domain='tailscale.com'
add_list dhcp.@dnsmasq[0].rebind_domain='example'
delete system.ntp.server
add_list system.ntp.server='ntp.example'
commit
EOT
`;
