import { archs as officialArchs, type Arch } from '../src/shared/arch.ts';

/** An architecture that a mirror has builds for. */
export type MirrorArch = Pick<Arch, 'distrib' | 'go'>;

/** What only Go supports: Tailscale publishes no archive, so that the router's own table lacks them. */
const furtherArchs = {
  loong64: { distrib: ['loongarch64_*'], go: { GOARCH: 'loong64' } },
  // POWER8 and newer; OpenWrt's powerpc64_e5500 is older.
  ppc64: { distrib: [], go: { GOARCH: 'ppc64' } },
  ppc64le: { distrib: [], go: { GOARCH: 'ppc64le' } }
} as const satisfies Record<string, MirrorArch>;

/** By the key that the index and the manifest use. */
export const mirrorArchs: Readonly<Record<string, MirrorArch>> = { ...officialArchs, ...furtherArchs };

/** Whether Tailscale publishes archives for it. */
export function isOfficial(arch: string): boolean {
  return Object.hasOwn(officialArchs, arch);
}
