import type { ArchKey } from './arch.ts';

/** Bytes of the two binaries as they are kept in RAM: cut after their last PT_LOAD segment. */
export interface KeptSizes {
  tailscaled: number;
  tailscale: number;
}

/**
 * What the official archives need in RAM where the server does not tell, measured on builds of 1.102.5.
 * A newer version is a little larger: the bootstrap adds five per cent.
 */
export const keptSizes: Readonly<Record<ArchKey, KeptSizes>> = {
  amd64: { tailscaled: 29801312, tailscale: 23150048 },
  geode: { tailscaled: 25792128, tailscale: 21662912 },
  '386': { tailscaled: 25759360, tailscale: 21609664 },
  arm64: { tailscaled: 27614048, tailscale: 21302752 },
  arm: { tailscaled: 25551192, tailscale: 21526536 },
  mips: { tailscaled: 29368544, tailscale: 24493824 },
  mipsle: { tailscaled: 29368544, tailscale: 24493824 },
  mips64: { tailscaled: 29781280, tailscale: 24858048 },
  mips64le: { tailscaled: 29781280, tailscale: 24858048 },
  riscv64: { tailscaled: 24651936, tailscale: 20580704 }
};
