/**
 * What the official daemon was measured to need for itself at login, in MB of 2^20 bytes, by how hard Go's
 * collector works: anonymous memory, without the binary, which lies in RAM anyway.
 */
export const daemonPeakMegabytes = { default: 50, gogc50: 32, gogc20: 20 } as const;
