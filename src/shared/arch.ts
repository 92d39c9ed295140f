/** An architecture that Tailscale offers archives for: a key of the download server's index. */
export interface Arch {
  /** OpenWrt's `DISTRIB_ARCH` values, as shell patterns. */
  distrib: readonly string[];
  bits: 32 | 64;
  endian: 'little' | 'big';
  /** e_machine of its ELF files; absent where another key has the same header (geode: only by its name). */
  elfMachine?: number;
  /** The environment in which Go builds for it what Tailscale publishes (release/dist, tool/gocross). */
  go: Readonly<Record<string, string>>;
}

/** By index key. Sources: facts of Tailscale's release/dist/unixpkgs and of OpenWrt's target list. */
export const archs = {
  amd64: { distrib: ['x86_64'], bits: 64, endian: 'little', elfMachine: 62, go: { GOARCH: 'amd64' } },
  geode: {
    distrib: ['i386_pentium-mmx', 'i386_geode'],
    bits: 32,
    endian: 'little',
    go: { GOARCH: '386', GO386: 'softfloat' }
  },
  '386': { distrib: ['i386_*'], bits: 32, endian: 'little', elfMachine: 3, go: { GOARCH: '386' } },
  arm64: { distrib: ['aarch64_*'], bits: 64, endian: 'little', elfMachine: 183, go: { GOARCH: 'arm64' } },
  arm: { distrib: ['arm_*'], bits: 32, endian: 'little', elfMachine: 40, go: { GOARCH: 'arm', GOARM: '5' } },
  mips: {
    distrib: ['mips_*'],
    bits: 32,
    endian: 'big',
    elfMachine: 8,
    go: { GOARCH: 'mips', GOMIPS: 'softfloat' }
  },
  mipsle: {
    distrib: ['mipsel_*'],
    bits: 32,
    endian: 'little',
    elfMachine: 8,
    go: { GOARCH: 'mipsle', GOMIPS: 'softfloat' }
  },
  mips64: { distrib: ['mips64_*'], bits: 64, endian: 'big', elfMachine: 8, go: { GOARCH: 'mips64' } },
  mips64le: {
    distrib: ['mips64el_*'],
    bits: 64,
    endian: 'little',
    elfMachine: 8,
    go: { GOARCH: 'mips64le' }
  },
  riscv64: { distrib: ['riscv64_*'], bits: 64, endian: 'little', elfMachine: 243, go: { GOARCH: 'riscv64' } }
} as const satisfies Record<string, Arch>;

export type ArchKey = keyof typeof archs;

/** OpenWrt architectures for which Tailscale publishes no archive, as shell patterns of `DISTRIB_ARCH`. */
export const unsupportedArchs = ['powerpc*', 'loongarch*', 'arc_*', 'armeb*', 'riscv32*'] as const;
