import * as assert from 'uvu/assert';
import { daemonPids, untilPhase, untilRunning } from '../../dev/router/desk.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { onWan, reachInternetFromLan, reachPeer, reachRouterFromLan } from './reach.ts';
import { untilAtRest } from './snapshot.ts';

await onEachRelease('the WAN', (scenario, bench) => {
  scenario('plain: as it mostly is', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await desk.login(router);
    await reachPeer(bench);
    await reachRouterFromLan(bench);
    await reachInternetFromLan(bench);
  });

  scenario('none: the LAN has its router, and the bootstrap waits', async () => {
    await onWan(bench, 'none', async () => {
      const { router } = bench;
      assert.is((await untilPhase(router, 'waiting-network')).error?.code, 'network-unreachable');
      await reachRouterFromLan(bench);
    });
  });

  scenario('slow: it takes its time, and one download', async () => {
    const { desk, router } = bench;
    desk.mirror.requests.length = 0;
    await onWan(bench, 'slow', async () => {
      await untilPhase(router, 'downloading');
      await reachRouterFromLan(bench);
      await untilRunning(router);
      assert.is(desk.mirror.requests.filter(({ path }) => path.endsWith('.tgz')).length, 1);
      await reachPeer(bench);
    });
  });

  scenario('flapping: it comes up, and the daemon stays', async () => {
    const { router } = bench;
    let pid = '';
    await onWan(bench, 'flapping', async () => {
      await untilRunning(router);
      pid = await daemonPids(router);
      await router.until('the WAN is down', 20, 'ifstatus wan | jsonfilter -e "@.up" | grep -q false');
      await reachRouterFromLan(bench);
      await reachPeer(bench);
    });
    // What an interface that comes up starts anew takes its time.
    await untilAtRest(router);
    assert.is(await daemonPids(router), pid);
  });

  scenario('a cable that is pulled out for a moment: the download goes on where it was', async () => {
    const { desk, router } = bench;
    const { mirror, surroundings } = desk;
    await router.powerCut();
    mirror.requests.length = 0;
    mirror.setFault({ kind: 'rate', bytesPerSecond: 8_000_000, on: 'archive' });
    const before = mirror.bytesServed;
    await router.powerOn('ubus');
    await router.until('a third of it is there', 40, () => mirror.bytesServed > before + 10_000_000);
    await surroundings.wan.disconnect();
    await sleep(2000);
    await surroundings.wan.connect();
    await untilRunning(router, 60);
    mirror.setFault();
    const archives = mirror.requests.filter(({ path }) => path.endsWith('.tgz'));
    assert.match(archives[1]?.range ?? '', /^bytes=[1-9]/);
  });
});
