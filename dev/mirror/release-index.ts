import type { Archive } from './archive.ts';

/** A version with its archives. */
export interface Release {
  version: string;
  /** The track it is published in; `stable` unless told. */
  track?: 'stable' | 'unstable' | 'release-candidate';
  archives: readonly Archive[];
}

/** What can be wrong with an index that is served with status 200. */
export type IndexFault =
  | 'not-json'
  | 'without-arch'
  | 'version-is-command'
  | 'version-is-path'
  | 'version-has-newline'
  | 'file-is-path'
  /** 50 MB of JSON. */
  | 'huge'
  | 'truncated';

/**
 * The index of a release: the shape of `TrackPackages` in Tailscale's clientupdate, with other systems' files
 * under the same architectures; with `sizes` also our own mirrors' member `Sizes`.
 */
export function releaseIndex(release: Release, sizes: boolean, wrong?: IndexFault): Buffer[] {
  const tarballs = release.archives.map(({ arch, name }) => [arch, name] as const);
  const index = {
    Version: release.version,
    TarballsVersion: release.version,
    MSIs: Object.fromEntries(
      tarballs.map(([arch]) => [arch, `tailscale-setup-${release.version}-${arch}.msi`])
    ),
    MSIsVersion: release.version,
    SPKs: {
      dsm7: Object.fromEntries(tarballs.map(([arch]) => [arch, `tailscale-${arch}-${release.version}.spk`]))
    },
    SPKsVersion: release.version,
    Tarballs: Object.fromEntries(tarballs)
  };
  const published = sizes ? { ...index, Sizes: sizesOf(release) } : index;
  if (wrong === 'huge') return hugeIndex(published);
  return [Buffer.from(wrong === undefined ? JSON.stringify(published) : wrongIndex(published, wrong))];
}

function sizesOf({ archives }: Release) {
  return Object.fromEntries(archives.map(({ arch, kept, size }) => [arch, { ...kept, archive: size }]));
}

interface Index {
  TarballsVersion: string;
  Tarballs: Record<string, string>;
}

function wrongIndex(index: Index, wrong: Exclude<IndexFault, 'huge'>): string {
  const version = index.TarballsVersion;
  const changed = (change: Partial<Index>) => JSON.stringify({ ...index, ...change });
  switch (wrong) {
    case 'not-json':
      return 'the index is being rebuilt\n';
    case 'without-arch':
      return changed({ Tarballs: { sparc64: `tailscale_${version}_sparc64.tgz` } });
    case 'version-is-command':
      return changed({
        TarballsVersion: `$(: >/tmp/hostile-ran)\`: >/tmp/hostile-ran\`;: >/tmp/hostile-ran`
      });
    case 'version-is-path':
      return changed({ TarballsVersion: '../../../../tmp/escaped' });
    case 'version-has-newline':
      return changed({ TarballsVersion: `${version}\n1.2.3` });
    case 'file-is-path':
      return changed({ Tarballs: mapValues(index.Tarballs, (name) => `../../../../tmp/${name}`) });
    case 'truncated':
      // In the middle of the file names.
      return JSON.stringify(index).slice(0, JSON.stringify(index).lastIndexOf('tailscale_') + 12);
  }
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function hugeIndex(index: Index): Buffer[] {
  const filler = Array.from({ length: 50 }, () => megabyte);
  return [Buffer.from('{"Padding":"'), ...filler, Buffer.from(`",${JSON.stringify(index).slice(1)}`)];
}

const megabyte = Buffer.alloc(1_000_000, ' ');
