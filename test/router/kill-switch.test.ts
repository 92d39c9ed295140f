import * as assert from 'uvu/assert';
import { untilRunning } from '../../dev/router/desk.ts';
import { PackageManager } from '../../dev/router/package-manager.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { agentPid, untilInTailnet } from './agent-calls.ts';
import { takeSnapshot } from './snapshot.ts';
import { isSoak } from './soak.ts';
import { textTable } from './text-table.ts';
import { generator, readSeed } from './ways/choice.ts';
import type { Event, Scene } from './ways/events.ts';
import {
  assertLan,
  exitNode,
  firstBoot,
  makePeerExit,
  serveNames,
  useExit,
  writePolicy
} from './ways/exits.ts';
import { Gate, type Passed } from './ways/gate.ts';
import { chooseEvents } from './ways/kill-events.ts';
import { World } from './ways/world.ts';

/** What gets around an exit node, with the kill switch and without it, while the LAN sends all the time. */

/** Datagrams of each family. */
const perSecond = 500;
const cuts = isSoak ? 50 : 10;
const seed = readSeed();
console.log(`chosen: SEED=${seed}`);

let world: World | undefined;
let gate: Gate | undefined;

await onEachRelease('the kill switch', (scenario, bench) => {
  const random = generator(seed);
  const rows: string[][] = [];
  let before: string[] = [];
  let leaked = 0;

  const there = (): { world: World; gate: Gate } => {
    if (!world || !gate) throw new Error('there is no world yet');
    return { world, gate };
  };

  const configuration = async (): Promise<string[]> => {
    const { firewall, rules } = await takeSnapshot(bench.router);
    const uci = await bench.router.succeed('for name in firewall network dhcp; do uci export $name; done');
    return [...uci.split('\n'), ...firewall, ...rules.sort()];
  };

  /** Waits until somebody on the Internet sees the LAN as the exit node. */
  const untilThrough = async (seconds = 30): Promise<void> => {
    const { router, desk } = bench;
    const expected = [desk.peer.host.address, desk.peer.host.address6];
    await untilRunning(router);
    if (!(await untilInTailnet(router)).exit_node) await useExit(router, await exitNode(router));
    let last: string[] = [];
    await router
      .until('the LAN goes through the exit node', seconds, async () => {
        last = await there().world.seen('lan');
        return last.join() === expected.join();
      })
      .catch(() => {
        assert.equal(last, expected);
      });
  };

  const untilSwitched = async (isOn: boolean): Promise<void> => {
    const parts = `nft list chain inet tailscale-ram barrier | grep -c reject; ip rule | grep -c 'iif br-lan'
      ip -6 rule | grep -c 'iif br-lan'`;
    const wanted = (isOn ? ['1', '1', '1'] : ['0', '0', '0']).join('\n');
    await bench.router.until(`the kill switch is ${isOn ? 'on' : 'off'}`, 20, async () => {
      return (await bench.router.exec(parts)).stdout.trim() === wanted;
    });
  };

  /** Off at once, and on again. */
  const cutPower = async (): Promise<void> => {
    const { router } = bench;
    // Without power there is no link; a namespace that ends may lose its rules before them.
    await router.succeed('for link in /sys/class/net/eth*; do ip link set "${link##*/}" down; done');
    await router.powerCut();
    await router.powerOn('none');
  };

  const booted = (): Promise<unknown> =>
    bench.router.until('it has booted', 40, 'logread | grep -q "init complete"');

  const scene = (): Scene => ({
    desk: bench.desk,
    router: bench.router,
    async cutPower() {
      await bench.router.succeed(['sync']);
      await cutPower();
      await booted();
    },
    checkWithoutWan: () => assertLan(there().world.neighbour('lan'))
  });

  /** Something happens while the LAN sends; returns what came through from before until all is well again. */
  const live = async (table: string, name: string, happen: () => Promise<unknown>): Promise<Passed> => {
    const { world, gate } = there();
    // With a flow that is under way.
    await world.flood('lan', perSecond);
    await gate.read();
    await sleep(500);
    const first = await gate.read();
    assert.ok(first.through[0] > 0 && first.through[1] > 0, `through the exit node: ${first.through.join()}`);
    const began = Date.now();
    await happen();
    await untilThrough();
    // What is on its way.
    await sleep(300);
    const seconds = ((Date.now() - began) / 1000).toFixed(1);
    const { around, through } = await gate.read();
    rows.push([table, name, seconds, ...around.map(String), ...through.map(String)]);
    await world.flood('lan', 0);
    return { around, through };
  };

  scenario('without an exit node, everything of the LAN goes to the Internet', async () => {
    const { desk, router } = bench;
    if (!world) await serveNames((world = await World.open(desk)));
    gate ??= await Gate.open(world.stranger, desk.peer.host);
    await world.prepare(router);
    await router.write('etc/uci-defaults/97-exit', firstBoot);
    await router.powerOn();
    await router.until('the firewall is there', 20, ['nft', 'list', 'chain', 'inet', 'fw4', 'forward_guest']);
    before = await configuration();
    await desk.install(router);
    await desk.login(router);
    await makePeerExit(desk);
    // Nobody waits for a neighbour to be found when the router is there again.
    const mac = (await router.read('sys/class/net/br-lan/address'))?.trim() ?? '';
    for (const address of ['192.168.1.1', 'fd42:1::1'])
      await world
        .neighbour('lan')
        .succeed(['ip', 'neigh', 'replace', address, 'lladdr', mac, 'nud', 'permanent', 'dev', 'eth0']);
    await world.flood('lan', perSecond);
    await gate.read();
    await sleep(1000);
    const { around } = await gate.read();
    assert.ok(around[0] > 0 && around[1] > 0, around.join());
  });

  /** Throws if anything of the LAN still gets anywhere, soon after the kill switch is on. */
  const assertStopped = async (): Promise<void> => {
    const { world, gate } = there();
    await untilSwitched(true);
    await sleep(300);
    await gate.read();
    await sleep(2000);
    assert.equal(await gate.read(), { around: [0, 0], through: [0, 0] });
    await world.flood('lan', 0);
  };

  scenario('switched on, it is there before fw4 forgets what it let flow past all rules', async () => {
    const { router } = bench;
    // fw4 waits for whoever else loads rules.
    await router.succeed('flock /var/run/fw4.lock sleep 12 >/dev/null 2>&1 &');
    await writePolicy(router, { kill_switch: '1' });
    // So does procd, with whatever else it has to reload.
    await router.succeed(['kill', '-HUP', await agentPid(router)]);
    await router.until('it is there', 10, 'nft list chain inet tailscale-ram barrier | grep reject');
    assert.is((await router.exec(['flock', '-n', '/var/run/fw4.lock', 'true'])).code, 1);
  });

  scenario('it goes nowhere, also what was under way', async () => {
    const { world } = there();
    await assertStopped();
    await assertLan(world.neighbour('lan'));
    assert.equal(await world.seen('lan'), ['', '']);
  });

  scenario('it goes through the exit node', async () => {
    await untilThrough();
    await assertLan(there().world.neighbour('lan'));
  });

  const chosen = (part: number, count: number): Event[] => chooseEvents(seed + part, count);

  for (const event of chosen(0, 5))
    scenario(`nothing gets around it: ${event.name}`, async () => {
      const { around } = await live('with', event.short, () => event.happen(scene()));
      assert.equal(around, [0, 0]);
    });

  scenario(`nothing gets around it in ${cuts} power cuts, and it comes up again`, async () => {
    const { router } = bench;
    await router.succeed(['sync']);
    const { around } = await live('with', `${cuts} power cuts`, async () => {
      for (let i = 1; i <= cuts; i++) {
        await cutPower();
        if (i < cuts) await sleep(1000 + (random() % 9000));
      }
      await booted();
    });
    assert.equal(around, [0, 0]);
    await assertLan(there().world.neighbour('lan'));
  });

  scenario('with flow offloading, too', async () => {
    const { router } = bench;
    const { world, gate } = there();
    const probe = 'table inet probe { flowtable f { hook ingress priority 0; devices = { lo }; }; }';
    if ((await router.exec(['nft', '-c', '-f', '-'], { input: `${probe}\n` })).code !== 0) {
      console.log('skipped: the kernel of this machine offloads nothing');
      return;
    }
    const flows = 'firewall.@defaults[0].flow_offloading';
    await writePolicy(router, {});
    await untilSwitched(false);
    await useExit(router, 'none');
    await router.succeed(`uci set ${flows}=1; uci commit firewall; fw4 -q reload`);
    await world.flood('lan', perSecond);
    await router.until('it is offloaded', 10, 'grep OFFLOAD /proc/net/nf_conntrack');
    const { around } = await gate.read();
    assert.ok(around[0] > 0 && around[1] > 0, around.join());
    await writePolicy(router, { kill_switch: '1' });
    await assertStopped();
    await untilThrough();
    for (const event of chosen(2, 3)) {
      const passed = await live('with, offloading', event.short, () => event.happen(scene()));
      assert.equal(passed.around, [0, 0]);
    }
    await router.succeed(`uci delete ${flows}; uci commit firewall; fw4 -q reload`);
  });

  scenario('without it, a power cut, and more', async () => {
    const { router } = bench;
    await writePolicy(router, {});
    await untilSwitched(false);
    const events: Event[] = [
      ...chosen(1, 3),
      { name: 'a power cut', short: 'power', happen: (scene) => scene.cutPower() }
    ];
    for (const event of events) {
      const { around } = await live('without', event.short, () => event.happen(scene()));
      leaked += around[0] + around[1];
    }
    assert.ok(leaked > 0);
  });

  scenario('removed with the package, nothing of it is left', async () => {
    const { router } = bench;
    await writePolicy(router, { kill_switch: '1' });
    await untilSwitched(true);
    const { code, stdout, stderr } = await (await PackageManager.of(router)).remove('luci-app-tailscale-ram');
    assert.is(code, 0, stdout + stderr);
    let after: string[] = [];
    await router
      .until('all is as before', 20, async () => {
        after = await configuration();
        return after.join() === before.join();
      })
      .catch(() => {
        assert.equal(after, before);
      });
  });

  scenario('what came of it', () => {
    const head = ['kill switch', 'event', 'seconds', 'around IPv4', 'IPv6', 'through IPv4', 'IPv6'];
    console.log(`\nOpenWrt ${bench.rootfs.release}, SEED=${seed}:\n${textTable([head, ...rows])}\n`);
    return Promise.resolve();
  });
});
