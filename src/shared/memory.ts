/**
 * What the official daemon was measured to need for itself at login, in MB of 2^20 bytes, by how hard Go's
 * collector works: anonymous memory, without the binary, which lies in RAM anyway.
 */
export const daemonPeakMegabytes = { default: 50, gogc50: 32, gogc20: 20 } as const;

/** The same of a compact build, whatever the collector does. */
export const compactPeakMegabytes = 13;

/**
 * How much of the memory that is to stay free beside a daemon a compact one may do without: what the kernel unpacks of
 * its image can go again, and the scripts that start the service, 4 MB on a busy router, are at their end then.
 */
export const compactSparesMegabytes = 4;
