import { officialArchive, type Archive } from '../../dev/mirror/archive.ts';
import { tailscaleBinaries } from '../../dev/setup/go.ts';
import { testVersions } from '../../src/shared/test-versions.ts';

/** The archives of real releases for this machine. */

export const latest = await archiveOf(testVersions.latest);
export const older = await archiveOf(testVersions.older);

export const latestRelease = { version: latest.version, archives: [latest] };
export const olderRelease = { version: older.version, archives: [older] };

async function archiveOf(version: string): Promise<Archive> {
  return officialArchive(version, 'amd64', await tailscaleBinaries(version));
}
