import type { Archive } from './archive.ts';
import type { Release } from './release-index.ts';

/** Where the kept sizes are published: in the index, in a file beside each archive; officially nowhere. */
export interface SizesPolicy {
  index?: boolean;
  files?: boolean;
}

/** What a path stands for. */
export type Served =
  | { kind: 'index'; release: Release; sizes: boolean }
  | { kind: 'archive' | 'sha256' | 'size'; archive: Archive };

/** Finds what is published under a path with its query; the index is always that of the track's newest version. */
export function find(releases: readonly Release[], path: string, sizes: SizesPolicy): Served | undefined {
  const { pathname, searchParams } = new URL(`https://mirror${path}`);
  const [, track, name] = /^\/([^/]+)\/([^/]*)$/.exec(pathname) ?? [];
  const inTrack = releases.filter((release) => (release.track ?? 'stable') === track);
  if (name === '' && searchParams.get('mode') === 'json') {
    const [release] = [...inTrack].sort((a, b) => compareVersions(b.version, a.version));
    return release && { kind: 'index', release, sizes: sizes.index ?? false };
  }
  for (const archive of inTrack.flatMap(({ archives }) => archives)) {
    if (name === archive.name) return { kind: 'archive', archive };
    if (name === `${archive.name}.sha256`) return { kind: 'sha256', archive };
    if (name === `${archive.name}.size` && sizes.files) return { kind: 'size', archive };
  }
  return undefined;
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
