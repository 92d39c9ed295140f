import { Wan, type WanKind } from '../../dev/router/wan.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';
import type { Bench } from '../support/router.ts';

/** Boots the router with this WAN; afterwards it has the plain one again. */
export async function onWan(
  { desk, rootfs, router }: Bench,
  kind: WanKind,
  use: () => Promise<void>
): Promise<void> {
  // tailscaled leaves it to the kernel when a login of just now is on flash.
  if (router.isOn) await router.succeed(['sync']);
  await router.powerCut();
  const wan = await Wan.connect(desk, rootfs, kind);
  try {
    await router.powerOn();
    await use();
  } finally {
    await wan.end();
  }
}

/** Throws unless the router reaches the other node of its tailnet. */
export async function reachPeer({ desk, router }: Bench): Promise<void> {
  const ping = ['/tmp/tailscale-ram/bin/tailscale', 'ping', '--c=20', '--timeout=1s'];
  await router.succeed([...ping, desk.peerAddress]);
}

/** Throws unless a computer on its LAN reaches the router's LuCI. */
export async function reachRouterFromLan(bench: Bench): Promise<void> {
  const client = await lanClient(bench);
  await client.succeed(['busybox', 'wget', '-q', '-O', '/dev/null', 'http://192.168.1.1/']);
}

/** Throws unless a computer on its LAN reaches the Internet. */
export async function reachInternetFromLan(bench: Bench): Promise<void> {
  const client = await lanClient(bench);
  await client.succeed(['ping', '-c', '1', '-W', '5', bench.desk.peer.host.address]);
}

/** The same one for all releases: its desk is, too. */
export async function lanClient({ desk }: Bench): Promise<Host> {
  return (client ??= await desk.surroundings.addLanClient('client'));
}

let client: Host | undefined;
