/**
 * What the official daemon was measured to need for itself at login, in MB of 2^20 bytes, by how hard Go's
 * collector works: anonymous memory, without the binary, which lies in RAM anyway.
 */
export const daemonPeakMegabytes = { default: 46, gogc50: 25, gogc20: 16 } as const;
