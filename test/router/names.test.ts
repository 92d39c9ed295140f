import * as assert from 'uvu/assert';
import { untilRunning } from '../../dev/router/desk.ts';
import type { Host } from '../../dev/tailnet/namespaces.ts';
import { sleep, waitFor } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { lookUp } from './look-up.ts';
import { serveNamesOnPeer } from './peer-names.ts';
import { lanClient } from './reach.ts';
import { textTable } from './text-table.ts';
import { events, type Scene } from './ways/events.ts';
import { FarEnd } from './ways/far-end.ts';
import type { LookUps } from './ways/orders.ts';

/** Names of a tailnet, for the router and its LAN, over the life of both, while the LAN asks for others all the time. */

const peerName = 'laptop.tailnet.example';
const perSecond = 20;
/** What is lost at most when dnsmasq has to start anew: what is under way, and what comes in the next moment. */
const atStart = 10;

let end: FarEnd | undefined;

await onEachRelease('names', (scenario, bench) => {
  let client: Host;
  /** What happened, and how many of the other names were asked for and not known meanwhile. */
  const rows: string[][] = [['event', 'dnsmasq', 'asked', 'lost', 'why']];
  /** How many names the provider's DNS had been asked for when the tailnet's were known. */
  let before = Infinity;

  /** Of the tailnet's names, those that the provider was asked for since then. */
  const leaked = async (): Promise<string[]> => {
    const asked = await bench.desk.surroundings.askedNames();
    return asked.slice(before).filter((name) => /tailnet|laptop|100\.in-addr|internal/.test(name));
  };

  /** What the router's dnsmasq answers a computer on its LAN, or the router itself. */
  const answer = (name: string, from: 'LAN' | 'router' = 'LAN'): Promise<string> =>
    from === 'LAN' ? lookUp(client, name, '192.168.1.1') : lookUp(bench.router, name, '127.0.0.1');

  const resolves = async (name: string, expected: string, seconds = 20): Promise<void> => {
    for (const from of ['LAN', 'router'] as const) {
      let last = '';
      await bench.router
        .until(`${from}: ${name} is ${expected}`, seconds, async () => {
          last = await answer(name, from);
          return last === expected;
        })
        .catch((error: unknown) => {
          throw new Error(`${String(error)}; it is ${last}`);
        });
    }
  };

  /** The same, once the router knows of it: until then it is a name like others. */
  const becomes = async (name: string, expected: string): Promise<void> => {
    await resolves(name, expected, 60);
    before = (await bench.desk.surroundings.askedNames()).length;
  };

  /** From now on, the LAN asks for so many other names a second; returns what came of those that it asked for before. */
  const askOthers = async (times: number): Promise<LookUps> => {
    end ??= await FarEnd.start('client', client.pid);
    const order = { do: 'look up', server: '192.168.1.1', domain: 'ntp.example', perSecond: times } as const;
    return end.tell<LookUps>(order);
  };

  /**
   * Something happens while the LAN asks for other names: `most` of them may be lost, and the provider never hears of the
   * tailnet's.
   */
  const live = async (event: string, most: number, happen: () => Promise<unknown>): Promise<void> => {
    const dnsmasq = async (): Promise<string> => (await bench.router.exec(['pidof', 'dnsmasq'])).stdout;
    const first = await dnsmasq();
    await askOthers(perSecond);
    await happen();
    await sleep(1000);
    const { asked, lost } = await askOthers(0);
    const isAnother = (await dnsmasq()) !== first;
    const count = Object.values(lost).reduce((sum, one) => sum + one, 0);
    const why = Object.keys(lost).join(' ');
    rows.push([event, isAnother ? 'another' : 'the same', `${asked}`, `${count}`, why]);
    assert.ok(asked >= perSecond / 2, `asked ${asked}`);
    assert.ok(count <= most, `lost ${count} of ${asked}: ${why}`);
    assert.equal(await leaked(), []);
  };

  const restartDnsmasq = (): Promise<string> => bench.router.succeed(['/etc/init.d/dnsmasq', 'restart']);

  const happen = async (short: string): Promise<void> => {
    await events.find((event) => event.short === short)?.happen(scene());
    await resolves('ntp.example', bench.desk.internet.address);
  };

  const scene = (): Scene => ({
    desk: bench.desk,
    router: bench.router,
    cutPower: () => bench.router.powerCut(),
    checkWithoutWan: () => Promise.resolve()
  });

  scenario('without Tailscale, dnsmasq and the network start anew', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    client = await lanClient(bench);
    await desk.surroundings.lease(client);
    await resolves('ntp.example', desk.internet.address);
    await live('without Tailscale: dnsmasq is restarted', Infinity, restartDnsmasq);
    await live('without Tailscale: the network is restarted', Infinity, () => happen('network'));
  });

  scenario('once it is in the tailnet, its names are known to the LAN and to the router', async () => {
    const { desk, router } = bench;
    await desk.install(router);
    await live('a login', atStart, async () => {
      await desk.login(router);
      await becomes(peerName, desk.peerAddress);
    });
    await resolves('ntp.example', desk.internet.address);
    assert.is(await router.uci('-q', 'changes'), '');
  });

  scenario('reverse names, too, and short ones', async () => {
    const { desk } = bench;
    await resolves(desk.peerAddress, peerName);
    await resolves('laptop', desk.peerAddress);
    assert.is(await answer('nobody.tailnet.example'), 'SERVFAIL');
  });

  for (const [name, short] of [
    ['the daemon is killed', 'killed'],
    ['the agent is killed', 'agent']
  ] as const)
    scenario(`${name}: they are known again, and no other is lost`, async () => {
      await live(name, 0, async () => {
        await happen(short);
        await resolves(peerName, bench.desk.peerAddress);
      });
    });

  scenario('the daemon is frozen: nobody else is asked for them, and no other is lost', async () => {
    const { desk, router } = bench;
    await live('the daemon is frozen for 15 seconds', 0, async () => {
      await router.succeed('kill -STOP $(pidof tailscaled)');
      try {
        const began = Date.now();
        for (let i = 0; Date.now() < began + 15000; i++) {
          const found = await answer(`nobody${i}.tailnet.example`);
          assert.ok(['nothing', 'SERVFAIL', 'REFUSED'].includes(found), found);
        }
      } finally {
        await router.succeed('kill -CONT $(pidof tailscaled)');
      }
      await resolves(peerName, desk.peerAddress);
    });
  });

  scenario('dnsmasq is restarted: it knows them at once', async () => {
    await live('dnsmasq is restarted', Infinity, async () => {
      await restartDnsmasq();
      await resolves(peerName, bench.desk.peerAddress, 10);
    });
  });

  scenario('the network is restarted: they are known again', async () => {
    await live('the network is restarted', Infinity, async () => {
      await happen('network');
      await resolves(peerName, bench.desk.peerAddress);
    });
  });

  scenario('after a power cut, they are refused until it is in the tailnet again', async () => {
    const { desk, router } = bench;
    await router.succeed(['sync']);
    await router.powerCut();
    desk.mirror.setFault({ kind: 'stall', after: 0, on: 'everything' });
    await router.powerOn('none');
    // As soon as there is anybody to ask.
    await router.until(
      'dnsmasq answers',
      30,
      async () => (await answer('localhost', 'router')) !== 'nothing'
    );
    await resolves(peerName, 'REFUSED');
    await resolves('ntp.example', desk.internet.address, 40);
    await resolves(peerName, 'REFUSED', 1);
    // OpenWrt itself starts it anew as the networks of a booting router come up.
    let first: string | undefined;
    const stays = async (): Promise<boolean> => {
      const before = first;
      first = (await router.exec(['pidof', 'dnsmasq'])).stdout;
      return first !== '' && first === before;
    };
    await waitFor('dnsmasq is not started anew any more', 40, stays, 4000);
    await live('it comes up after a power cut', 0, async () => {
      desk.mirror.setFault();
      await untilRunning(router, 120);
      await resolves(peerName, desk.peerAddress);
    });
  });

  scenario('domains with servers of their own are asked there, and nowhere else', async () => {
    const { desk, router } = bench;
    const at = desk.peerAddress;
    const server = `--login-server=${desk.headscale.url}`;
    serveNamesOnPeer(desk, { 'internal.example': '10.1.2.3' });
    await live('a domain with a server is added', atStart, async () => {
      await desk.headscale.setDns({
        split: { 'internal.example': [at] },
        records: [{ name: 'wiki.extra.example', type: 'A', value: '10.9.8.7' }]
      });
      await becomes('a.internal.example', '10.1.2.3');
      await becomes('wiki.extra.example', '10.9.8.7');
    });
    await resolves(peerName, at);
    await live('tailscale down, and up', 0, async () => {
      await router.succeed(['tailscale', 'down']);
      await resolves('a.internal.example', 'REFUSED');
      await resolves(peerName, 'REFUSED', 5);
      await resolves('ntp.example', desk.internet.address);
      await router.succeed(['tailscale', 'up', '--accept-dns=false', '--netfilter-mode=off', server]);
      await resolves('a.internal.example', '10.1.2.3');
    });
  });

  scenario('each of many changes leaves the LAN without an answer for a moment at most', async () => {
    for (let i = 0; i < 8; i++) {
      const name = `wiki${i}.extra.example`;
      await live(`change ${i}`, atStart, async () => {
        await bench.desk.headscale.setDns({ records: [{ name, type: 'A', value: '10.9.8.7' }] });
        await becomes(name, '10.9.8.7');
      });
    }
  });

  scenario('a changed suffix is followed', async () => {
    const { desk } = bench;
    await live('another suffix', atStart, async () => {
      await desk.headscale.setDns({ domain: 'other.example' });
      await becomes('laptop.other.example', desk.peerAddress);
    });
    await resolves('laptop', desk.peerAddress);
    // Of the domain that went with it, the provider is asked again.
    await resolves('a.internal.example', 'NXDOMAIN');
    await desk.headscale.setDns();
    await becomes(peerName, desk.peerAddress);
  });

  scenario('a dnsmasq that somebody has stopped stays so, and knows all once it is started', async () => {
    const { desk, router } = bench;
    const name = 'wiki.off.example';
    await router.succeed(['/etc/init.d/dnsmasq', 'stop']);
    await desk.headscale.setDns({ records: [{ name, type: 'A', value: '10.9.8.7' }] });
    await router.until('the agent knows', 20, 'grep -q off.example /var/run/tailscale-ram/names.servers');
    await sleep(5000);
    await router.succeed('! pidof dnsmasq');
    await router.succeed(['/etc/init.d/dnsmasq', 'start']);
    await becomes(name, '10.9.8.7');
    await desk.headscale.setDns();
    await becomes(peerName, desk.peerAddress);
  });

  scenario('nothing of it is left after a logout', async () => {
    const { desk, router } = bench;
    await live('a logout', atStart, async () => {
      await router.succeed(['tailscale', 'logout']);
      await router.until('dnsmasq is as before', 20, '! ls /tmp/dnsmasq.*.d/tailscale-ram.conf');
    });
    await resolves('ntp.example', desk.internet.address);
    await resolves(peerName, 'NXDOMAIN');
    assert.is((await router.exec(['uci', 'get', 'dhcp.@dnsmasq[0].domainneeded'])).stdout.trim(), '1');
  });

  scenario('what came of it', () => {
    console.log(`\nOpenWrt ${bench.rootfs.release}:\n${textTable(rows)}\n`);
    return Promise.resolve();
  });
});
