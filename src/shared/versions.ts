/** Below this, 32-bit builds corrupt their heap and crash (tailscale/tailscale#20500: Go before 1.26.5). */
export const minimumVersion32Bit = '1.98.9';
