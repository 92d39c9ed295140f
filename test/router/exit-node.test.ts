import * as assert from 'uvu/assert';
import { untilRunning } from '../../dev/router/desk.ts';
import { onEachRelease } from '../support/router.ts';
import { callAgent, untilInTailnet } from './agent-calls.ts';
import { isSoak } from './soak.ts';
import {
  askersOf,
  assertLan as assertLanOf,
  defaultRoutes,
  exitNode,
  firstBoot,
  makePeerExit,
  serveNames,
  useExit,
  writePolicy,
  type Options
} from './ways/exits.ts';
import { World } from './ways/world.ts';

/** Exit nodes, offered and used: which addresses somebody on the Internet sees. */

type Client = 'lan' | 'guest' | 'router';

const clients = ['lan', 'guest', 'router'] as const;
const times = isSoak ? 50 : 20;
const both = ['lan', 'guest'];
const nobody = ['', ''];

/** For a policy, who goes through the exit node. */
const zones: [options: Options, through: readonly Client[]][] = [
  [{}, ['lan', 'router']],
  [{ lan_to_tailnet: both }, ['lan', 'guest', 'router']],
  [{ lan_to_tailnet: both, exit_zones: ['lan'] }, ['lan', 'router']],
  [{ lan_to_tailnet: both, exit_zones: ['guest'] }, ['guest', 'router']],
  [{ lan_to_tailnet: both, exit_zones: ['none'] }, ['router']],
  [{ lan_to_tailnet: both, exit_router: '0' }, ['lan', 'guest']],
  [{ lan_to_tailnet: both, exit_zones: ['guest'], exit_router: '0', exit_dns: '0' }, ['guest']]
];

/** For a policy, whether the names that the router asks for go through it. */
const names: [options: Options, through: boolean][] = [
  [{ exit_router: '1', exit_dns: '1' }, true],
  [{ exit_router: '1', exit_dns: '0' }, false],
  [{ exit_router: '0', exit_dns: '0' }, false],
  [{ exit_router: '0', exit_dns: '1' }, true]
];

/** As a provider's DHCPv6 has it: a way for each of the networks that it gave. */
const sourceSpecific = `delete network.wan6.ip6gw
set network.way=route6
set network.way.interface=wan6
set network.way.target=::/0
set network.way.gateway=2001:db8:f::1
set network.way.source=2001:db8:f::/64
set network.way_lan=route6
set network.way_lan.interface=wan6
set network.way_lan.target=::/0
set network.way_lan.gateway=2001:db8:f::1
set network.way_lan.source=2001:db8:1::/48
commit network
`;

let world: World | undefined;

await onEachRelease('exit nodes', (scenario, bench) => {
  let addresses: readonly string[] = [];
  let exit = '';
  let asked = 0;

  const there = (): World => {
    if (!world) throw new Error('there is no world yet');
    return world;
  };

  const peerSeen = (): string[] => [bench.desk.peer.host.address, bench.desk.peer.host.address6];

  /** Whom somebody on the Internet sees, within so many seconds; each address tells the way. */
  const untilSeen = async (expected: Partial<Record<Client | 'peer', string[]>>, seconds = 20) => {
    let last: Record<string, string[]> = {};
    const names = Object.keys(expected) as (Client | 'peer')[];
    await bench.router
      .until('everybody is seen as expected', seconds, async () => {
        const seen = await Promise.all(names.map(async (name) => [name, await there().seen(name)] as const));
        last = Object.fromEntries(seen);
        return JSON.stringify(last) === JSON.stringify(expected);
      })
      .catch(() => {
        assert.equal(last, expected);
      });
  };

  const waysOf = (through: readonly Client[]) =>
    Object.fromEntries(
      clients.map((name) => [name, through.includes(name) ? peerSeen() : there().own(name)])
    );

  const assertLan = (): Promise<void> => assertLanOf(there().neighbour('lan'));

  /** The address from which a name is asked for. */
  const asker = async (): Promise<string> => {
    const name = `asked${++asked}.example`;
    await bench.router.exec(['nslookup', name, '127.0.0.1'], { timeout: 5 });
    return (await askersOf(name)).join();
  };

  const untilAsked = async (expected: string): Promise<void> => {
    let last = '';
    await bench.router
      .until('the names take that way', 20, async () => (last = await asker()) === expected)
      .catch(() => {
        assert.is(last, expected);
      });
  };

  scenario('nobody goes through another one at first', async () => {
    const { desk, router } = bench;
    if (!world) await serveNames((world = await World.open(desk)));
    await world.prepare(router);
    await router.write('etc/uci-defaults/97-exit', firstBoot);
    await router.powerOn();
    await desk.install(router);
    addresses = (await desk.login(router)).TailscaleIPs ?? [];
    await world.enterRouter(router, addresses);
    await untilSeen({ ...waysOf([]), peer: peerSeen() });
  });

  scenario('offered, it is used by a peer, by IPv4 and IPv6', async () => {
    const { desk, router } = bench;
    await router.succeed(['tailscale', 'set', '--advertise-exit-node']);
    await desk.headscale.approveRoutesOf(addresses[0] ?? '', defaultRoutes);
    await router.until('the peer may use it', 20, async () => {
      return (await desk.peer.cli.run('set', `--exit-node=${addresses[0] ?? ''}`)).code === 0;
    });
    await untilSeen({ ...waysOf([]), peer: there().own('router') });
    await assertLan();
  });

  scenario('likewise where the IPv6 ways to the Internet are for the provider’s own addresses', async () => {
    const { router } = bench;
    await router.succeed('cp /etc/config/network /root/network; uci batch', { input: sourceSpecific });
    await router.succeed(['/etc/init.d/network', 'restart'], { timeout: 60 });
    await router.until('they are', 20, async () => {
      const routes = await router.succeed(['ip', '-6', 'route', 'show', 'table', 'all']);
      return /^default from 2001:db8:f::/m.test(routes) && !/^default via(?!.* table )/m.test(routes);
    });
    // Whether it itself gets out then is the kernel's choice of a source.
    await untilSeen({ peer: there().own('router') }, 30);
    await router.succeed('ifdown wan6; sleep 1; ifup wan6');
    await untilSeen({ peer: there().own('router') }, 30);
    await router.succeed('cp /root/network /etc/config/network; /etc/init.d/network restart', {
      timeout: 60
    });
    await untilSeen({ ...waysOf([]), peer: there().own('router') }, 30);
  });

  scenario('no more offered, the way is closed', async () => {
    const { desk, router } = bench;
    await router.succeed(['tailscale', 'set', '--advertise-exit-node=false']);
    await untilSeen({ ...waysOf([]), peer: nobody });
    await router.until('firewall and routes have closed it', 10, async () => {
      const rules = await router.succeed('nft list table inet fw4; ip -6 rule');
      return !/Accept tailscale to wan|Exit node|lookup 252/.test(rules);
    });
    await desk.peer.cli.succeed('set', '--exit-node=');
    await untilSeen({ peer: peerSeen() });
  });

  for (const [i, [options, through]] of zones.entries())
    scenario(`used under ${JSON.stringify(options)}: ${through.join()} are seen as the peer`, async () => {
      const { desk, router } = bench;
      await writePolicy(router, options);
      if (i === 0) {
        await makePeerExit(desk);
        exit = await exitNode(router);
        await useExit(router, exit);
      }
      await untilSeen({ ...waysOf(through), peer: peerSeen() });
      await assertLan();
    });

  for (const [options, through] of names)
    scenario(
      `under ${JSON.stringify(options)} names are asked for ${through ? 'there' : 'here'}`,
      async () => {
        const { desk, router } = bench;
        await writePolicy(router, options);
        await untilSeen(waysOf(options['exit_router'] === '1' ? ['lan', 'router'] : ['lan']));
        await untilAsked(through ? desk.peer.host.address : (there().own('router')[0] ?? ''));
        await assertLan();
      }
    );

  scenario(`chosen and left ${times} times, the LAN has its router and the Internet`, async () => {
    const { router } = bench;
    await writePolicy(router, {});
    for (let i = 0; i < times; i++) {
      await useExit(router, 'none');
      await untilSeen({ lan: there().own('lan') });
      await useExit(router, exit);
      await untilSeen({ lan: peerSeen() });
      await assertLan();
    }
    await untilSeen(waysOf(['lan', 'router']));
  });

  scenario('it is used again after a reboot', async () => {
    const { router } = bench;
    await router.succeed(['sync']);
    await router.reboot();
    await untilRunning(router);
    await untilInTailnet(router, 5);
    await there().enterRouter(router, addresses);
    await untilSeen(waysOf(['lan', 'router']));
  });

  for (const [what, stop, start] of [
    ['it is dead', () => bench.desk.peer.freeze(true), () => bench.desk.peer.freeze(false)],
    [
      'it is dead, and so is the control server',
      async () => {
        await bench.desk.headscale.stop();
        await bench.desk.peer.freeze(true);
      },
      async () => {
        await bench.desk.peer.freeze(false);
        await bench.desk.headscale.setDns();
      }
    ]
  ] as const)
    scenario(`left while ${what}`, async () => {
      const { router } = bench;
      await stop();
      try {
        await untilSeen({ lan: nobody, router: nobody });
        await there().neighbour('lan').succeed(['ping', '-c', '1', '-W', '2', '192.168.1.1']);
        const began = Date.now();
        await useExit(router, 'none');
        await untilSeen(waysOf([]), 5);
        console.log(`left while ${what}: back after ${Date.now() - began} ms`);
        await assertLan();
      } finally {
        await start();
      }
      await router.until('it can be used again', 60, async () => {
        await callAgent(router, 'peers');
        return (await exitNode(router)) === exit;
      });
      await useExit(router, exit);
      await untilSeen(waysOf(['lan', 'router']), 60);
    });

  scenario('others can do without it', async () => {
    const { desk, router } = bench;
    await useExit(router, 'none');
    await untilSeen(waysOf([]));
    await desk.peer.cli.succeed('set', '--advertise-exit-node=false');
    await desk.headscale.approveRoutesOf(desk.peerAddress, []);
  });
});
