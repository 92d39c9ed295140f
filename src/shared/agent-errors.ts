/**
 * Why the agent refused a call, or could not do it. A page has a sentence for each code; `detail` is for the log.
 * `daemon-refused` is the one whose detail is not ours: it is what tailscaled said.
 */
export interface AgentError {
  code: AgentErrorCode;
  detail: string;
  /** The argument or preference that it is about. */
  field?: string;
  /** Which of a list's elements, from 0. */
  position?: number;
  /** What was probably meant. */
  corrected?: string;
}

export type AgentErrorCode =
  // What was asked is not understood.
  | 'wrong-type'
  | 'out-of-range'
  | 'too-long'
  | 'too-many'
  | 'invalid-text' // control characters, or bytes that are not UTF-8
  | 'unknown-preference'
  | 'not-a-url'
  | 'insecure-url' // http to a public address
  | 'not-an-auth-key'
  | 'not-a-host-name'
  | 'not-a-user-name'
  | 'not-a-tag'
  | 'not-a-prefix'
  | 'host-bits' // with the corrected prefix
  | 'default-route' // a preference of its own: advertise_exit_node
  | 'not-an-address'
  | 'not-an-endpoint'
  | 'not-an-id'
  | 'not-a-version'
  // It is understood, and not done.
  | 'not-found'
  | 'not-logged-in'
  | 'unsupported' // by this version of tailscaled
  | 'policy' // the router decides that, or a method of its own does
  | 'conflict'
  | 'busy'
  | 'too-many-jobs'
  // It was tried.
  | 'daemon-unreachable'
  | 'daemon-refused'
  | 'timeout'
  | 'login-refused' // by the control server, in its words
  | 'update-failed' // with the error of the bootstrap
  | 'not-confirmed' // and so undone
  | 'internal';
