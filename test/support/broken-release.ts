import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { officialArchive } from '../../dev/mirror/archive.ts';
import type { Release } from '../../dev/mirror/release-index.ts';
import { goHello } from '../../dev/setup/go.ts';
import { archs } from '../../src/shared/arch.ts';

/** Releases for amd64 that cannot be used, though all that the download server says of them is right. */

/** Real binaries, of another processor. */
export async function foreignRelease(version: string): Promise<Release> {
  return releaseOf(version, await goHello(archs.arm64.go, `${version}\n`));
}

/** It tells its version, and dies when it is to be a daemon. `directory` is for the program. */
export async function dyingRelease(version: string, directory: string): Promise<Release> {
  const program = join(directory, 'dying');
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nexit 1\n`;
  await writeFile(program, `${script}${'# filler\n'.repeat(200)}`, { mode: 0o755 });
  return releaseOf(version, program);
}

async function releaseOf(version: string, binary: string): Promise<Release> {
  const archive = await officialArchive(version, 'amd64', { tailscaled: binary, tailscale: binary });
  return { version, archives: [archive] };
}
