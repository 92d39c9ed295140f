/**
 * What the official daemon was measured to need for itself at login, in MB of 2^20 bytes, by how hard Go's
 * collector works: anonymous memory, without the binary, which lies in RAM anyway.
 */
export const daemonPeakMegabytes = { default: 50, gogc50: 32, gogc20: 20 } as const;

/** The same of a compact build, whatever the collector does. */
export const compactPeakMegabytes = 14;

/**
 * What the kernel keeps unpacked of its image, in MB of 2^20 bytes. With less room it unpacks the same again and again, and
 * the router has time for nothing else.
 */
export const unpackedMegabytes = 10;
