import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { officialArchive, type Archive } from '../../dev/mirror/archive.ts';
import { cacheDir, makeOnce } from '../../dev/setup/cache.ts';
import { goDaemon } from '../../dev/setup/go.ts';
import { testVersions } from '../../src/shared/test-versions.ts';

/**
 * Archives of small programs that tell their version and live, for cases whose point is not the real ones: they
 * take an eighth of the processor time. As there, what the kernel does not load follows in each program; and an
 * archive is large enough to count when it came in vain.
 */

export const latest = await archiveOf(testVersions.latest);
export const older = await archiveOf(testVersions.older);

export const latestRelease = { version: latest.version, archives: [latest] };
export const olderRelease = { version: older.version, archives: [older] };

async function archiveOf(version: string): Promise<Archive> {
  const program = await goDaemon(version);
  const path = await makeOnce(join(cacheDir('go', 'padded'), basename(program)), async (unfinished) => {
    const notLoaded = createHash('shake256', { outputLength: 1 << 20 })
      .update(version)
      .digest();
    await writeFile(unfinished, Buffer.concat([await readFile(program), notLoaded]), { mode: 0o755 });
  });
  return officialArchive(version, 'amd64', { tailscaled: path, tailscale: path });
}
