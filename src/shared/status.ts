import type { BootstrapState } from './bootstrap-state.ts';
import type { Problem } from './problems.ts';

/** What tailscaled calls its state. */
export type BackendState =
  'NoState' | 'InUseOtherUser' | 'NeedsLogin' | 'NeedsMachineAuth' | 'Stopped' | 'Starting' | 'Running';

/**
 * The reply of `status`. Times are in seconds since 1970, amounts of data in bytes. What is not known is null.
 * Names, and everything else that other machines say of themselves, is text that nobody has checked.
 */
export interface Status {
  bootstrap: BootstrapState | null;
  /** Whether tailscaled answers. */
  daemon: boolean;
  /** Null while tailscaled does not answer. */
  state: BackendState | null;
  /** Of the daemon that runs, such as `1.102.5`. */
  version: string | null;
  /** A newer one, if one is known. */
  newest: { version: string; security: boolean } | null;
  login_server: string | null;
  /** Where a person confirms the login that is under way. */
  login_url: string | null;
  self: SelfStatus | null;
  tailnet: { name: string; suffix: string; magic_dns: boolean } | null;
  exit_node: { id: string; name: string | null; online: boolean } | null;
  routes: { offered: string[]; approved: string[] };
  /** Through the tunnel since it was made. */
  traffic: { received: number; sent: number } | null;
  /** What the two processes hold in RAM for themselves, and the program as a file; of the router's, all and what is free. */
  memory: { daemon: number | null; agent: number | null; files: number; total: number; free: number };
  /** What is undone unless somebody confirms it; seconds left. */
  unconfirmed: { job: number; method: string; seconds: number } | null;
  problems: Problem[];
}

export interface SelfStatus {
  id: string;
  /** Its name in the tailnet, without the dot at the end. */
  name: string;
  host_name: string;
  addresses: string[];
  owner: string | null;
  tags: string[];
  /** Null if it never expires. */
  key_expiry: number | null;
  online: boolean;
  /** The code of the relay region that others reach it through. */
  relay: string | null;
}

/** One device, as `peers` and `peer` tell. */
export interface Peer {
  id: string;
  name: string;
  host_name: string;
  addresses: string[];
  os: string;
  owner: string | null;
  tags: string[];
  online: boolean;
  /** Data went to it within the last two minutes. */
  active: boolean;
  /** How packets get there; `none`: not known yet. */
  path: 'direct' | 'peer-relay' | 'relay' | 'none';
  /** The address on that path, or the code of the relay's region. */
  via: string | null;
  received: number;
  sent: number;
  last_seen: number | null;
  last_handshake: number | null;
  key_expiry: number | null;
  expired: boolean;
  exit_node: boolean;
  exit_node_option: boolean;
  /** Subnets that are reached through it. */
  routes: string[];
  country: string | null;
  city: string | null;
}
