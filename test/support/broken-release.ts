import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { officialArchive } from '../../dev/mirror/archive.ts';
import type { Release } from '../../dev/mirror/release-index.ts';
import { goHello, tailscaleBinaries, type TailscaleBinaries } from '../../dev/setup/go.ts';
import { archs } from '../../src/shared/arch.ts';
import { testVersions } from '../../src/shared/test-versions.ts';

/** Releases for amd64 that are not what they should be, though all that the download server says of them is right. */

/** Real binaries, of another processor. */
export async function foreignRelease(version: string): Promise<Release> {
  const binary = await goHello(archs.arm64.go, `${version}\n`);
  return releaseOf(version, { tailscaled: binary, tailscale: binary });
}

/** It tells its version, and dies when it is to be a daemon. `directory` is for the program. */
export async function dyingRelease(version: string, directory: string): Promise<Release> {
  const program = join(directory, 'dying');
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nexit 1\n`;
  await writeFile(program, `${script}${'# filler\n'.repeat(200)}`, { mode: 0o755 });
  return releaseOf(version, { tailscaled: program, tailscale: program });
}

/** The older real one, which takes itself for another version. `directory` is for its programs. */
export async function renamedRelease(version: string, directory: string): Promise<Release> {
  const real = await tailscaleBinaries(testVersions.older);
  const renamed = {
    tailscaled: join(directory, 'renamed-tailscaled'),
    tailscale: join(directory, 'renamed-tailscale')
  };
  for (const name of ['tailscaled', 'tailscale'] as const) {
    const program = await readFile(real[name], 'latin1');
    const text = program.replaceAll(testVersions.older, version);
    await writeFile(renamed[name], text, { encoding: 'latin1', mode: 0o755 });
  }
  return releaseOf(version, renamed);
}

async function releaseOf(version: string, binaries: TailscaleBinaries): Promise<Release> {
  return { version, archives: [await officialArchive(version, 'amd64', binaries)] };
}
