/** Below this, 32-bit builds corrupt their heap and crash (tailscale/tailscale#20500: Go before 1.26.5). */
export const minimumVersion32Bit = '1.98.9';

/** Real releases that the tests and `npm start` build from the Go module: an older stable and the latest. */
export const testVersions = { older: '1.98.10', latest: '1.102.5' } as const;
