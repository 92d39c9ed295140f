import * as assert from 'uvu/assert';
import { untilRunning } from '../../dev/router/desk.ts';
import { onEachRelease } from '../support/router.ts';
import { choose, readSeed } from './ways/choice.ts';
import type { Event, Scene } from './ways/events.ts';
import { writePolicy } from './ways/exits.ts';
import { compare, leaks, Report, withoutIdleForgery } from './ways/report.ts';
import { arrows, expected, policies, type PolicyName } from './ways/table.ts';
import { advertised, World } from './ways/world.ts';

/**
 * Who reaches whom through the router, with real packets: from every side to every other, by TCP, UDP and ICMP, IPv4
 * and IPv6, under several policies, and after all that a router lives through.
 */

/** How long it may take until all that should be open is open again. */
const patience = 40;
/** How late something heard may be noted on a busy machine. */
const delayMs = 500;

const seed = readSeed();
console.log(`chosen: SEED=${seed}`);
let world: World | undefined;

await onEachRelease('ways', (scenario, bench) => {
  const report = new Report();
  let addresses: readonly string[] = [];

  const there = (): World => {
    if (!world) throw new Error('there is no world yet');
    return world;
  };

  /** Looks until all is as it should be. What should be closed may be open only if `settles`. */
  const check = async (policy: PolicyName, title: string, settles = false): Promise<void> => {
    const end = Date.now() + patience * 1000;
    for (let longest = 0, looks = 1; ; looks++) {
      const began = Date.now();
      const seen = await there().look();
      longest = Math.max(longest, Date.now() - began);
      const matrix = policy === 'logged out' ? withoutIdleForgery(policy, seen) : seen;
      const { open, closed } = compare(policy, matrix);
      const isOver = Date.now() > end;
      const isRight = open.length + closed.length === 0;
      const isOpen = compare(policy, withoutIdleForgery(policy, matrix)).open.length > 0;
      if (isRight || isOver || (isOpen && !settles)) {
        report.add(policy, title, matrix);
        const how = `in look ${looks}, the longest of which took ${longest} ms`;
        if (!isRight)
          throw new Error(
            `${how}:\n${[...open.map((row) => `open: ${row}`), ...closed.map((row) => `closed: ${row}`)].join('\n')}`
          );
        return;
      }
    }
  };

  const scene = (policy: PolicyName): Scene => ({
    desk: bench.desk,
    router: bench.router,
    async cutPower() {
      const { router } = bench;
      // tailscaled leaves it to the kernel when its state is on flash.
      await router.succeed(['sync']);
      // Without power there is no link; a namespace that ends may lose its rules before them.
      await router.succeed('for link in /sys/class/net/eth*; do ip link set "${link##*/}" down; done');
      await router.powerCut();
      await router.powerOn('none');
      await there().enterRouter(router, addresses);
      await router.until('it has booted', 40, 'logread | grep -q "init complete"');
    },
    async checkWithoutWan() {
      const matrix = withoutIdleForgery(policy, await there().look());
      assert.equal(compare(policy, matrix).open, []);
      assert.equal(matrix['lan → router'], expected(policy, 'lan → router'));
    }
  });

  /** Makes it happen, while everybody tries all the time what is not allowed. Returns what came through. */
  const live = async (policy: PolicyName, event: Event): Promise<string[]> => {
    const isClosed = (way: string): boolean => !way.startsWith('udp');
    await there().stream(
      arrows.map(({ name }) => name).filter((name) => expected(policy, name).every(isClosed))
    );
    const began = Date.now();
    await event.happen(scene(policy));
    const ended = Date.now();
    await untilRunning(bench.router);
    const window = event.opens ? ([began, ended + delayMs] as const) : ([began, began] as const);
    return leaks(await there().endStream(), began, window);
  };

  scenario('the router is in its tailnet, and offers its networks', async () => {
    const { desk, router } = bench;
    world ??= await World.open(desk);
    await world.prepare(router);
    await router.powerOn();
    await desk.install(router);
    addresses = (await desk.login(router)).TailscaleIPs ?? [];
    await world.enterRouter(router, addresses);
    await router.succeed(['tailscale', 'set', `--advertise-routes=${advertised.join()}`]);
    for (const { id, ip_addresses } of await desk.headscale.listNodes())
      // Those of the release before are not there any more.
      await desk.headscale.approveRoutes(id, ip_addresses.includes(addresses[0] ?? '') ? advertised : []);
  });

  for (const { policy, events } of choose(seed)) {
    scenario(`${policy}: everybody reaches whom they may, and nobody else`, async () => {
      await writePolicy(bench.router, policies[policy].options);
      await check(policy, 'policy', true);
    });

    for (const event of events)
      scenario(`${policy}: likewise after ${event.name}`, async () => {
        const heard = await live(policy, event);
        report.addHeard(event.short, heard.length);
        await check(policy, event.short);
        assert.equal(heard, [], 'heard meanwhile');
      });
  }

  scenario('logged out, it has nothing to do with the tailnet', async () => {
    await writePolicy(bench.router, policies['logged out'].options);
    await bench.router.succeed(['tailscale', 'logout']);
    await check('logged out', 'logout', true);
  });

  scenario('what came of it', () => {
    console.log(`\nOpenWrt ${bench.rootfs.release}, SEED=${seed}:\n${report.toString()}\n`);
    return Promise.resolve();
  });
});
