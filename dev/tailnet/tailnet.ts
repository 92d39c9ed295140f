import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildRoot } from '../../build/root.ts';
import type { ArchKey } from '../../src/shared/arch.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { officialArchive } from '../mirror/archive.ts';
import { createAuthority } from '../mirror/certificates.ts';
import { startMirror, type Mirror } from '../mirror/mirror.ts';
import type { Release } from '../mirror/release-index.ts';
import { headscaleBinary, tailscaleBinaries } from '../setup/go.ts';
import { quietEnvironment } from './cli.ts';
import { Headscale } from './headscale.ts';
import { Internet } from './namespaces.ts';
import { TailnetNode } from './node.ts';
import { Router } from './router.ts';

export interface TailnetOptions {
  /** What the mirror offers at first: the latest unless told. */
  releases?: readonly Release[];
  /** Of the router's RAM disk; 160 MB unless told, which holds two versions at once. */
  ramMegabytes?: number;
}

/** A world of its own: download server, control server, a peer that is logged in, and a router that is off. */
export interface Tailnet {
  /** It all lies here, in memory. */
  directory: string;
  mirror: Mirror;
  headscale: Headscale;
  /** Whom headscale knows: its name there. */
  userName: string;
  /** For `tailscale up --auth-key`; reusable. */
  authKey: string;
  peer: TailnetNode;
  /** In the tailnet. */
  peerAddress: string;
  router: Router;
  close(): Promise<void>;
}

/** Sets it all up; to be called in namespaces of one's own, and once. */
export async function openTailnet({ releases, ramMegabytes = 160 }: TailnetOptions = {}): Promise<Tailnet> {
  const internet = await Internet.open();
  const directory = '/run/tailnet';
  await mkdir(directory);
  // Temporary files, too: nothing stays on disk, however this ends.
  process.env['TMPDIR'] = directory;
  const authority = await createAuthority();
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, authority.certificate);
  const tree = join(directory, 'root');
  await buildRoot(tree);

  const mirror = await startMirror({
    host: internet.address,
    releases: releases ?? [await realRelease(testVersions.latest)],
    authority
  });
  const headscale = await Headscale.start(
    await internet.addHost('control'),
    await headscaleBinary(),
    authority,
    join(directory, 'headscale')
  );
  const userName = 'anna';
  const authKey = await headscale.preauthKey(await headscale.createUser(userName));

  const peer = await TailnetNode.start(
    await internet.addHost('laptop'),
    await tailscaleBinaries(testVersions.latest),
    caFile,
    join(directory, 'laptop')
  );
  const peerAddress = await peer.login(headscale.url, authKey);

  const router = await Router.create({
    directory: join(directory, 'router'),
    makeHost: () => internet.addHost('router'),
    tree,
    caFile,
    resolvConf: 'nameserver 127.0.0.1\n',
    environment: { ...quietEnvironment, TSR_SOURCE: mirror.url },
    ramMegabytes
  });
  const close = async () => {
    await Promise.all([mirror.close(), internet.close()]);
  };
  return { directory, mirror, headscale, userName, authKey, peer, peerAddress, router, close };
}

/** A real version of Tailscale, for this machine. */
export async function realRelease(version: string): Promise<Release> {
  return {
    version,
    archives: [await officialArchive(version, machineArch(), await tailscaleBinaries(version))]
  };
}

/** This machine's key of the download server's index. */
export function machineArch(): ArchKey {
  switch (process.arch) {
    case 'x64':
      return 'amd64';
    case 'arm64':
    case 'riscv64':
      return process.arch;
    default:
      throw new Error(`the tailnet is not set up for ${process.arch} machines`);
  }
}
