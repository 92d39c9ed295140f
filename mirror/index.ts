import type { Build } from './manifest.ts';

/**
 * The track's index in the official shape (`TrackPackages` in Tailscale's clientupdate), of the newest version's
 * compact builds, with their sizes in RAM: what `/stable/?mode=json` answers with on a server that knows no query.
 */
export function renderIndex(builds: readonly Build[]): string {
  const plain = builds.filter(({ flavour, form }) => flavour === 'compact' && form === 'tailscaled');
  const version = newestOf(plain.map((build) => build.version));
  const newest = plain.filter((build) => build.version === version);
  return indexOf(
    version,
    newest.map(({ arch, file, keptBytes, fileBytes }) => ({
      arch,
      file,
      sizes: { tailscaled: keptBytes, tailscale: 0, archive: fileBytes }
    }))
  );
}

/** An archive as the index lists it. */
export interface Listed {
  arch: string;
  file: string;
  /** Bytes: of the binaries as they are kept in RAM, and of the archive. */
  sizes: { tailscaled: number; tailscale: number; archive: number };
}

/** The index of these archives, which are all of one version. */
export function indexOf(version: string, archives: readonly Listed[]): string {
  const sorted = [...archives].sort((a, b) => a.arch.localeCompare(b.arch, 'en'));
  const index = {
    Version: version,
    TarballsVersion: version,
    Tarballs: Object.fromEntries(sorted.map(({ arch, file }) => [arch, file])),
    Sizes: Object.fromEntries(sorted.map(({ arch, sizes }) => [arch, sizes]))
  };
  return `${JSON.stringify(index)}\n`;
}

/** Versions, the newest last: a router takes the last build that fits it. */
export function ascending(versions: readonly string[]): string[] {
  return [...versions].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** The highest of some versions; empty of none. */
export function newestOf(versions: readonly string[]): string {
  return ascending(versions).at(-1) ?? '';
}
