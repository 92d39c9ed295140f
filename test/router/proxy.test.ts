import * as assert from 'uvu/assert';
import { daemonStatus } from '../../dev/router/desk.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';
import { onEachRelease } from '../support/router.ts';
import { lanClient } from './reach.ts';

/** A router without a tunnel: what its LAN reaches by proxies. */

const proxy = '192.168.1.1:1055';
const page = '/etc/hostname';

await onEachRelease('proxies', (scenario, bench) => {
  let client: Host;

  /** Whether the peer's web server is reached from there, by a proxy. */
  const byHttp = async (from: Host, host: string, by = proxy): Promise<boolean> => {
    const get = ['busybox', 'wget', '-q', '-O', '/dev/null', `http://${host}:8000${page}`];
    return (await from.run(['env', `http_proxy=http://${by}/`, ...get], { timeout: 5 })).code === 0;
  };

  /** The same by SOCKS5; the proxy looks the name up. */
  const bySocks = async (from: Host, host: string, by = proxy): Promise<boolean> => {
    const [address = '', port = ''] = by.split(':');
    const name = Buffer.from(host);
    const order = [5, 1, 0, 5, 1, 0, 3, name.length, ...name, 8000 >> 8, 8000 & 255];
    const bytes = order.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
    const get = `GET ${page} HTTP/1.0\\r\\n\\r\\n`;
    const script = `{ printf '${bytes}'; sleep 1; printf '${get}'; sleep 1; } | busybox nc -w 3 ${address} ${port}`;
    return (await from.run(['sh', '-c', script], { timeout: 8 })).stdout.includes('200 OK');
  };

  const assertProxies = async (): Promise<void> => {
    const { desk } = bench;
    const [address6 = ''] = ((await desk.peer.cli.status()).TailscaleIPs ?? []).slice(1);
    for (const name of ['laptop', 'laptop.tailnet.example', desk.peerAddress, `[${address6}]`]) {
      assert.ok(await byHttp(client, name), `HTTP to ${name}`);
      assert.ok(await bySocks(client, name.replace(/[[\]]/g, '')), `SOCKS5 to ${name}`);
    }
  };

  scenario('with userspace networking by choice, the LAN reaches a peer by SOCKS5 and HTTP', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    client = await lanClient(bench);
    await desk.surroundings.lease(client);
    desk.peer.host.spawn(['busybox', 'httpd', '-f', '-p', '8000', '-h', '/'], { log: '/run/desk/httpd.log' });
    await desk.install(router);
    await router.succeed(
      'uci set tailscale-ram.main.tun=userspace; uci commit; service tailscale-ram reload'
    );
    await router.until('it is without a tunnel', 60, async () => !(await daemonStatus(router)).TUN);
    await desk.login(router);
    await router.until('the proxy answers', 20, () => byHttp(client, desk.peerAddress));
    await assertProxies();
  });

  scenario('from the side of the Internet, nobody uses them', async () => {
    const { desk, router } = bench;
    const [, wan = ''] = /inet ([\d.]+)\//.exec(await router.succeed(['ip', 'addr', 'show', 'eth1'])) ?? [];
    const stranger = await desk.internet.addHost('stranger');
    await stranger.succeed(['ip', 'route', 'add', '192.168.1.0/24', 'via', wan]);
    for (const by of [proxy, `${wan}:1055`]) {
      assert.not(await byHttp(stranger, desk.peerAddress, by), by);
      assert.not(await bySocks(stranger, desk.peerAddress, by), by);
    }
    await stranger.powerOff();
  });

  scenario('after a power cut, too', async () => {
    const { desk, router } = bench;
    await router.succeed(['sync']);
    await router.powerCut();
    await router.powerOn();
    await router.until('the proxy answers', 60, () => byHttp(client, desk.peerAddress));
    await assertProxies();
  });

  scenario('where the LAN has not got that address any more, Tailscale runs all the same', async () => {
    const { router } = bench;
    await router.succeed('ip addr del 192.168.1.1/24 dev br-lan; kill $(pidof tailscaled)');
    await router.until('it runs', 20, async () => (await daemonStatus(router)).BackendState === 'Running');
  });
});
