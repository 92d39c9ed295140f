import type { BootstrapState } from '../../src/shared/bootstrap-state.ts';
import type { Status } from '../tailnet/cli.ts';

/** What `npm start` needs of a router: the small one of dev/tailnet is one, and OpenWrt can be made one. */
export interface Device {
  /** What its bootstrap says it does; undefined if it says nothing. */
  state(): Promise<BootstrapState | undefined>;
  /** Starts a tailscale command that takes its time. */
  tailscale(...args: string[]): { readonly running: boolean };
  /** The last words of everything that runs there. */
  tailOfLog(): Promise<string>;
  readonly cli: { status(): Promise<Status> };
}
