/** Real releases that the tests and `npm start` build from the Go module: an older stable and the latest. */
export const testVersions = { older: '1.98.10', latest: '1.102.5' } as const;
