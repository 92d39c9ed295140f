import { parseArgs } from 'node:util';
import { isWanKind, wanKinds, type WanKind } from '../router/wan.ts';

export const usage = `npm start [-- OPTIONS]: a router boots into Tailscale, on this machine

  --yes            log in without being asked
  --rate=MB        megabytes a second that the download server sends (10)
  --official       from Tailscale's own server, into your own tailnet (with userspace networking)

OpenWrt, where a root file system of it is at hand:
  --rootfs=PATH    this one (a folder, .tar or .tar.gz); \`none\`: without OpenWrt, although there is one
  --release=24.10  this release, or 25.12: from the cache folder, else downloaded
  --memory=MB      of the router; the machine's unless told
  --wan=KIND       how the router is connected: ${Object.keys(wanKinds).join(', ')}
  --peers=N        so many further nodes in the tailnet, which only its control server knows
`;

export interface Options {
  yes: boolean;
  official: boolean;
  /** Megabytes a second. */
  rate: number;
  rootfs?: string | undefined;
  release?: string | undefined;
  /** Megabytes. */
  memory?: number | undefined;
  wan: WanKind;
  peers: number;
}

/** Throws one line if they make no sense. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      yes: { type: 'boolean', default: false },
      official: { type: 'boolean', default: false },
      rate: { type: 'string', default: '10' },
      rootfs: { type: 'string' },
      release: { type: 'string' },
      memory: { type: 'string' },
      wan: { type: 'string', default: 'plain' },
      peers: { type: 'string', default: '0' }
    }
  });
  const { yes, official, rootfs, release, memory, wan } = values;
  const rate = Number(values.rate);
  if (!(rate > 0)) throw refusal('rate', values.rate, 'a number above 0');
  if (release !== undefined && !/^\d\d\.\d\d$/.test(release))
    throw refusal('release', release, 'one like 24.10');
  if (!isWanKind(wan)) throw refusal('wan', wan, `one of ${Object.keys(wanKinds).join(', ')}`);
  const options: Options = { yes, official, rate, rootfs, release, wan, peers: 0 };
  if (memory !== undefined) options.memory = whole('memory', memory, 32, 4096);
  options.peers = whole('peers', values.peers, 0, 1000);
  if (official && asksForOpenWrt(options)) throw new Error('--official is without OpenWrt');
  if (rootfs === 'none' && asksForOpenWrt({ ...options, rootfs: undefined }))
    throw new Error('--rootfs=none is without OpenWrt');
  return options;
}

/** Whether they only make sense with OpenWrt. */
export function asksForOpenWrt({ rootfs = 'none', release, memory, wan, peers }: Options): boolean {
  return rootfs !== 'none' || release !== undefined || memory !== undefined || wan !== 'plain' || peers > 0;
}

function whole(name: string, value: string, least: number, most: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw refusal(name, value, `a whole number from ${least} to ${most}`);
}

function refusal(name: string, value: string, expected: string): Error {
  return new Error(`--${name} cannot be '${value}': it is ${expected}`);
}
