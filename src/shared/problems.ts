/** Everything that the agent finds wrong by itself. Each error code of the bootstrap is a problem, too. */
export const problems = {
  'daemon-unreachable': 'error',
  'logged-out': 'error',
  'key-expired': 'error',
  'key-expires-soon': 'warning',
  'approval-needed': 'error',
  'control-unreachable': 'error',
  'login-refused': 'error',
  'routes-unapproved': 'warning',
  'no-udp': 'warning',
  'only-relayed': 'info',
  'daemon-crash-loop': 'error',
  'version-faulty': 'error',
  'update-available': 'info',
  'security-update': 'warning',
  'memory-low-now': 'warning',
  health: 'warning',
  'policy-overridden': 'info',
  'identity-unreadable': 'error',
  'identity-disk-full': 'error',
  'provision-failed': 'error',
  'exit-node-offline': 'error',
  'take-over-failed': 'warning',
  'watchdog-acted': 'warning',
  'firewall-refused': 'error',
  'uncommitted-changes': 'warning',
  'kill-switch': 'warning',
  'zone-missing': 'warning'
} as const satisfies Record<string, Severity>;

export type Severity = 'error' | 'warning' | 'info';

/** What mends a problem: a method of the agent with arguments that a page can offer as a button, or advice alone. */
export interface Remedy {
  /** Such as `login`, `reauth`, `update`, `retry`, `connect`; null: nothing that this router could do. */
  method: string | null;
  arguments: Record<string, unknown>;
}

/** `arguments` go into the sentence that the page makes of `code`. */
export interface Problem {
  code: string;
  severity: Severity;
  arguments: Record<string, string | number | string[]>;
  remedy: Remedy | null;
}
