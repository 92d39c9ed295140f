/**
 * Everything that can be wrong while Tailscale is fetched and started, and what the bootstrap does then:
 * it retries by itself, it is blocked until a person changes something, or the daemon runs all the same.
 */
export const errors = {
  'network-unreachable': 'retrying',
  'clock-not-set': 'retrying',
  'tls-untrusted': 'retrying',
  'http-error': 'retrying',
  'index-unreadable': 'retrying',
  'version-missing': 'blocked',
  'arch-unsupported': 'blocked',
  'memory-low': 'blocked',
  'disk-full': 'retrying',
  truncated: 'retrying',
  'checksum-missing': 'retrying',
  'checksum-mismatch': 'retrying',
  'signature-invalid': 'retrying',
  'manifest-old': 'retrying',
  'archive-invalid': 'retrying',
  'run-check-failed': 'blocked',
  'other-tailscaled': 'blocked',
  'tun-missing': 'running',
  'daemon-crashed': 'running'
} as const satisfies Record<string, 'retrying' | 'blocked' | 'running'>;

export type ErrorCode = keyof typeof errors;

/** What is wrong. `detail` is for the log: nobody needs it to understand `code`. */
export interface BootstrapError {
  code: ErrorCode;
  detail: string;
}
