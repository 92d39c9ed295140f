import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { pipeline } from 'node:stream';
import { succeed } from '../tailnet/command.ts';
import { waitFor } from '../tailnet/wait.ts';
import type { OpenWrt } from './router.ts';

/** Listens on this machine's loopback and nowhere else: on 8080 if that is free. For `runIsolated`. */
export async function openDoor(): Promise<Server> {
  const door = createServer();
  const listen = (port: number) => once(door.listen(port, '127.0.0.1'), 'listening');
  await listen(8080).catch(() => listen(0));
  return door;
}

/**
 * Leads the door to a router's web server, as a computer on its LAN would reach it (a Surroundings' bridge),
 * waits until LuCI answers, and returns its address out there.
 */
export async function leadToLuci(door: Server, router: OpenWrt): Promise<string> {
  const { address, mask } = await lanAddress(router);
  // Any other one of the LAN's that no lease gets.
  const own = address.replace(/\d+$/, (number) => (number === '2' ? '3' : '2'));
  await succeed(['ip', 'addr', 'add', `${own}/${mask}`, 'dev', 'home']);
  await waitFor('LuCI answers', 60, async () => {
    // 403: it asks for a login.
    const { status } = await fetch(`http://${address}/cgi-bin/luci/`, { signal: AbortSignal.timeout(5000) });
    return status === 403 || status === 200;
  });
  door.on('connection', (client) => {
    const server = connect(80, address);
    pipeline(client, server, () => client.destroy());
    pipeline(server, client, () => server.destroy());
  });
  return `http://127.0.0.1:${(door.address() as AddressInfo).port}/`;
}

async function lanAddress(router: OpenWrt): Promise<Ipv4Address> {
  return (await router.until('it has a LAN', 20, async () => {
    const lan = (await router.ubus('network.interface.lan', 'status')) as LanStatus;
    return lan['ipv4-address']?.[0];
  })) as Ipv4Address;
}

interface LanStatus {
  'ipv4-address'?: Ipv4Address[];
}

interface Ipv4Address {
  address: string;
  /** The length of its prefix. */
  mask: number;
}
