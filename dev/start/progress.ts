import type { BootstrapState } from '../../src/shared/bootstrap-state.ts';
import type { Phase } from '../../src/shared/phases.ts';

/** What the bootstrap does, for a person. */
export function describeState(state: BootstrapState): string {
  const problem = state.error ? `: ${state.error.code}` : '';
  const again = state.retry_in === null ? '' : `, again in ${state.retry_in} s`;
  return `${sentences[state.phase].replace('VERSION', state.version ?? '')}${problem}${again}`;
}

const sentences = {
  'waiting-network': 'Waits for the network',
  'waiting-clock': 'Waits for the clock to be set',
  resolving: 'Asks which version is the newest',
  'checking-memory': 'Looks whether VERSION fits into memory',
  downloading: 'Downloads VERSION',
  verifying: 'Verifies it',
  starting: 'Starts tailscaled VERSION',
  running: 'tailscaled VERSION runs',
  retrying: 'It did not work',
  blocked: 'Something is in the way'
} as const satisfies Record<Phase, string>;

/**
 * A bar with bytes, speed and time left: `███████░░░  23.4 of 53.0 MB  9.8 MB/s  3 s left`. `total` is the
 * bootstrap's, an estimate where the server does not tell; `seconds` is how long the download has taken so far.
 */
export function progressBar(
  { bytes, total }: { bytes: number; total: number | null },
  seconds: number
): string {
  const speed = seconds > 0 ? bytes / seconds : 0;
  const parts = [total ? `${megabytes(bytes)} of ${megabytes(total)} MB` : `${megabytes(bytes)} MB`];
  if (speed > 0) parts.push(`${megabytes(speed)} MB/s`);
  if (speed > 0 && total) parts.push(`${Math.ceil(Math.max(0, total - bytes) / speed)} s left`);
  if (!total) return parts.join('  ');
  const full = Math.min(barWidth, Math.round((bytes / total) * barWidth));
  return ['█'.repeat(full) + '░'.repeat(barWidth - full), ...parts].join('  ');
}

const barWidth = 24;

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
