import * as assert from 'uvu/assert';
import { untilRunning } from '../../dev/router/desk.ts';
import { PackageManager } from '../../dev/router/package-manager.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';
import { onEachRelease } from '../support/router.ts';
import { agentStatus } from './agent-calls.ts';

/** Where the tailnet, the LAN and the router reach each other, with real packets. */

const service = '/etc/init.d/tailscale-ram';
let client: Host | undefined;

await onEachRelease('the network of a tailnet', (scenario, bench) => {
  let before = '';
  let address = '';
  let lanAddress = '';

  const exported = async (): Promise<string> =>
    (await bench.router.uci('export', 'firewall')) + (await bench.router.uci('export', 'network'));

  const get = async (name: string): Promise<string> =>
    (await bench.router.exec(['uci', '-q', 'get', name])).stdout.trim();

  /** Whether that end reaches the web server there. */
  const reaches = async (from: Pick<Host, 'run'>, url: string): Promise<boolean> =>
    (await from.run(['busybox', 'wget', '-q', '-O', '/dev/null', url], { timeout: 3 })).code === 0;

  const becomes = async (what: string, expected: boolean, look: () => Promise<boolean>): Promise<void> => {
    await bench.router.until(`${what}: ${expected}`, 20, async () => (await look()) === expected);
  };

  const peerToRouter = (): Promise<boolean> => reaches(bench.desk.peer.host, `http://${address}/`);
  const peerToLan = (): Promise<boolean> =>
    reaches(bench.desk.peer.host, `http://${lanAddress}:8000/etc/hostname`);
  const lanToPeer = async (): Promise<boolean> =>
    (await lan().run(['ping', '-c', '1', '-W', '2', bench.desk.peerAddress])).code === 0;
  const lan = (): Host => {
    if (!client) throw new Error('there is no LAN client yet');
    return client;
  };

  const assertAllWays = async (): Promise<void> => {
    await becomes('peer → router', true, peerToRouter);
    await becomes('peer → LAN', true, peerToLan);
    await becomes('LAN → peer', true, lanToPeer);
    await bench.router.succeed(['nft', 'list', 'table', 'inet', 'tailscale-ram']);
  };

  scenario('its sections are there before anybody has logged in, and the port is shut', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    before = await exported();
    await desk.install(router);
    // Not only staged: while that is committed, it is for a moment neither.
    await router.until('the zone is there', 20, "grep -q 'zone .tailscale_ram_zone' /etc/config/firewall");
    assert.is(await get('firewall.tailscale_ram_zone'), 'zone');
    assert.is(await get('firewall.tailscale_ram_port_wan.enabled'), '0');
    await router.until('the table is there', 10, ['nft', 'list', 'table', 'inet', 'tailscale-ram']);
  });

  scenario('logged in, peers, the router and the LAN reach each other', async () => {
    const { desk, router } = bench;
    client ??= await desk.surroundings.addLanClient('client');
    lanAddress =
      /inet (192\.168\.1\.\d+)/.exec(await client.succeed(['ip', '-4', 'addr', 'show', 'eth0']))?.[1] ?? '';
    client.spawn(['busybox', 'httpd', '-f', '-p', '8000', '-h', '/'], { log: '/run/desk/httpd.log' });
    const { Self } = await desk.login(router);
    address = Self.TailscaleIPs?.[0] ?? '';
    await router.succeed(['tailscale', 'set', '--advertise-routes=192.168.1.0/24']);
    const node = (await desk.headscale.listNodes()).find((one) => one.ip_addresses.includes(address));
    await desk.headscale.approveRoutes(node?.id ?? 0, ['192.168.1.0/24']);
    await desk.peer.cli.succeed('set', '--accept-routes');
    await router.until(
      'the port is open',
      10,
      async () => (await get('firewall.tailscale_ram_port_wan.enabled')) === '1'
    );
    await assertAllWays();
  });

  scenario('what somebody edits or removes stays so', async () => {
    const { router } = bench;
    await router.succeed(
      `uci set firewall.tailscale_ram_zone.log=1
       uci set firewall.tailscale_ram_zone.mtu_fix=0
       uci delete firewall.tailscale_ram_to_lan
       uci commit firewall; reload_config`
    );
    await becomes('peer → LAN', false, peerToLan);
    await router.succeed(['tailscale', 'set', '--snat-subnet-routes=false']);
    await router.until(
      'masquerading is off',
      10,
      async () => (await get('firewall.tailscale_ram_zone.masq')) === '0'
    );
    assert.is(await get('firewall.tailscale_ram_zone.log'), '1');
    assert.is(await get('firewall.tailscale_ram_zone.mtu_fix'), '0');
    assert.is(await get('firewall.tailscale_ram_to_lan'), '');
    // Also where what was written last is lost, as by a power cut.
    await router.write('etc/tailscale-ram/network.json', '');
    await router.succeed("kill -9 $(pgrep -f '^/usr/bin/ucode .*/tailscale-ram/agent')");
    await router.until('it is written again', 20, ['test', '-s', '/etc/tailscale-ram/network.json']);
    assert.is(await get('firewall.tailscale_ram_zone.mtu_fix'), '0');
    assert.is(await get('firewall.tailscale_ram_to_lan'), '');
    await router.succeed(['tailscale', 'set', '--snat-subnet-routes=true']);
    await router.until(
      'masquerading is on',
      10,
      async () => (await get('firewall.tailscale_ram_zone.masq')) === '1'
    );
  });

  scenario(
    'where mwan3 decides, what the router knows better goes before its rules and Tailscale’s',
    async () => {
      const { router } = bench;
      const priorities = async (): Promise<string> => {
        const rules = await router.succeed(['ip', 'rule']);
        const found = ['suppress_prefixlength 0', 'lookup 52'].map(
          (what) => new RegExp(`^(\\d+):.*${what}`, 'm').exec(rules)?.[1]
        );
        return found.join();
      };
      assert.is(await priorities(), '5260,5270');
      // As mwan3 has it, which the router's kernel here has no more of.
      await router.succeed(
        'touch /etc/config/mwan3; ip rule add pref 2001 fwmark 0x100/0x3f00 lookup 1; kill -9 $(pidof tailscaled)'
      );
      await untilRunning(router);
      const isBefore = async (): Promise<boolean> => (await priorities()) === '1360,1370';
      await router.until('both are before mwan3’s', 20, isBefore);
      await router.succeed('rm /etc/config/mwan3; ip rule del pref 2001; kill $(pidof tailscaled)');
      await untilRunning(router);
      await router.until('both are back', 20, async () => (await priorities()) === '5260,5270');
    }
  );

  scenario(
    'what somebody has not committed yet is left alone, and holds all back, which is told',
    async () => {
      const { router } = bench;
      const held = async (): Promise<boolean> =>
        (await agentStatus(router)).problems.some(({ code }) => code === 'uncommitted-changes');
      assert.not(await held());
      await router.uci('set', 'firewall.@defaults[0].flow_offloading=0');
      await router.succeed(['tailscale', 'set', '--snat-subnet-routes=false']);
      await router.until('it is told', 10, held);
      assert.is(await get('firewall.tailscale_ram_zone.masq'), '1');
      assert.match(await router.uci('changes'), /^firewall\.\S+\.flow_offloading='0'$/);
      await router.succeed('uci commit firewall; reload_config');
      await router.until(
        'it is done',
        10,
        async () => (await get('firewall.tailscale_ram_zone.masq')) === '0'
      );
      await router.until('it is not told any more', 10, async () => !(await held()));
      await router.succeed(
        'uci delete firewall.@defaults[0].flow_offloading; uci commit firewall; reload_config'
      );
      await router.succeed(['tailscale', 'set', '--snat-subnet-routes=true']);
    }
  );

  scenario('removed, nothing of it is left', async () => {
    const { router } = bench;
    const { code, stdout, stderr } = await (await PackageManager.of(router)).remove('luci-app-tailscale-ram');
    assert.is(code, 0, stdout + stderr);
    assert.is(await exported(), before);
    assert.is.not((await router.exec(['nft', 'list', 'table', 'inet', 'tailscale-ram'])).code, 0);
    await router.until('the rules are gone', 10, '! ip rule | grep -q 5260');
    await router.until('the firewall has let go', 10, '! nft list ruleset | grep -q tailscale0');
    assert.is.not((await router.exec('ip route show table 52 | grep throw')).code, 0);
    assert.is((await router.exec(['ls', service])).code === 0, false);
  });
});
