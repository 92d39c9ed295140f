import * as assert from 'uvu/assert';
import { bootstrapState, daemonPids, untilPhase, untilRunning } from '../../dev/router/desk.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { isSoak } from './soak.ts';
import { differences, takeSnapshot, type Snapshot } from './snapshot.ts';

const service = '/etc/init.d/tailscale-ram';

await onEachRelease('procd', (scenario, bench) => {
  let idle: Snapshot;
  const openPorts = 'nft list chain inet fw4 input_wan | grep 41642';

  const untilRestarted = async (before: string): Promise<void> => {
    await bench.router.until('another daemon runs', 15, async () => {
      const now = await daemonPids(bench.router);
      return now !== '' && now !== before;
    });
    await untilRunning(bench.router);
  };
  const configure = async (...values: string[]): Promise<void> => {
    for (const value of values) await bench.router.uci('set', `tailscale-ram.main.${value}`);
    await bench.router.uci('commit', 'tailscale-ram');
    await bench.router.succeed([service, 'reload']);
  };

  scenario('a reload with nothing changed restarts nothing', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await router.until('the WAN is up', 30, 'ifstatus wan | jsonfilter -e "@.up" | grep -q true');
    await desk.install(router);
    await desk.login(router);
    const before = await daemonPids(router);
    for (let times = 0; times < 3; times++) await router.succeed([service, 'reload']);
    await router.succeed(['ubus', 'call', 'service', 'event', changeOfConfiguration]);
    await sleep(3000);
    assert.is(await daemonPids(router), before);
  });

  scenario('another port restarts the daemon, and downloads nothing', async () => {
    const { desk, router } = bench;
    const before = await daemonPids(router);
    desk.mirror.requests.length = 0;
    await router.uci('set', 'tailscale-ram.main.port=41642');
    await router.uci('commit', 'tailscale-ram');
    // As LuCI tells of it.
    await router.succeed(['ubus', 'call', 'service', 'event', changeOfConfiguration]);
    await untilRestarted(before);
    assert.match(await router.succeed('netstat -lun'), /:41642\b/);
    assert.is(desk.mirror.requests.length, 0);
  });

  scenario('`enabled 0` stops it and takes everything back, `enabled 1` starts it again', async () => {
    const { router } = bench;
    await router.succeed(openPorts);
    await configure('enabled=0');
    await router.until('the daemon has ended', 10, '! pidof tailscaled bootstrap');
    await router.until('the port is shut', 10, `! ${openPorts}`);
    await router.until('nothing works on it', 5, '! pidof forget-rules');
    idle = await takeSnapshot(router);
    assert.not(idle.links.includes('tailscale0'));
    assert.equal(
      idle.rules.filter((line) => line.includes('lookup 52')),
      []
    );
    assert.not(idle.firewall.join().includes('ts-'));
    await configure('enabled=1');
    await untilRunning(router);
    await router.until('the port is open', 10, openPorts);
  });

  scenario('`stop` takes its rules and its port back, `start` opens it again', async () => {
    const { router } = bench;
    await router.succeed([service, 'stop']);
    await router.until('the port is shut', 10, `! ${openPorts}`);
    assert.is((await router.exec('ip rule | grep "lookup 52"')).code, 1);
    await router.succeed([service, 'start']);
    await untilRunning(router);
    await router.until('the port is open', 10, openPorts);
  });

  scenario('a daemon that is killed after a while comes back in the same version', async () => {
    const { desk, router } = bench;
    desk.mirror.requests.length = 0;
    for (let times = 0; times < (isSoak ? 10 : 2); times++) {
      // A younger one would count as dying by itself.
      await sleep(11_000);
      const before = await daemonPids(router);
      await router.succeed(['kill', '-9', before]);
      await untilRestarted(before);
    }
    assert.is((await bootstrapState(router))?.error, null);
    // The agent asks once a day which is the newest: the bootstrap, not once.
    const requests = desk.mirror.requests.map(({ path }) => path);
    assert.ok(requests.length <= 1 && requests.every((path) => path.endsWith('?mode=json')), requests.join());
  });

  scenario('a bootstrap that is killed comes back and goes on', async () => {
    const { desk, router } = bench;
    desk.mirror.setFault({ kind: 'stall', after: 1_000_000, on: 'archive' });
    await router.reboot();
    for (let times = 0; times < 4; times++) {
      await untilPhase(router, 'downloading');
      const pid = (await router.read('tmp/run/tailscale-ram/bootstrap.pid'))?.trim() ?? '';
      await router.succeed(['kill', '-9', pid]);
      await router.until('another bootstrap runs', 10, async () => {
        const now = (await router.read('tmp/run/tailscale-ram/bootstrap.pid'))?.trim();
        return now !== undefined && now !== pid && (await router.exec(['kill', '-0', now])).code === 0;
      });
    }
    desk.mirror.setFault();
    await router.succeed([service, 'restart']);
    await untilRunning(router);
  });

  scenario('ten restarts in two seconds end in one daemon', async () => {
    const { router } = bench;
    await router.succeed(
      `for i in 1 2 3 4 5 6 7 8 9 10; do ${service} restart >/dev/null 2>&1 & sleep 0.2 || sleep 1; done; wait`,
      { timeout: 60 }
    );
    await sleep(2000);
    await untilRunning(router);
    assert.match(await daemonPids(router), /^\d+$/);
    assert.is((await bootstrapState(router))?.error, null);
  });

  scenario('two calls at once do not hang', async () => {
    const { router } = bench;
    const before = await daemonPids(router);
    const both = `${service} restart & ${service} reload & ${service} status & wait`;
    const { code } = await router.exec(both, { timeout: 20 });
    assert.is(code, 0);
    await untilRestarted(before);
  });

  scenario(
    'nothing of it all stays when it is disabled, also where the daemon has to be killed',
    async () => {
      const { router } = bench;
      await router.succeed('kill -STOP $(pidof tailscaled)');
      await configure('enabled=0');
      await router.until('the daemon has ended', 10, '! pidof tailscaled');
      await router.until('its rules are gone', 5, '! ip rule | grep "lookup 52"');
      await router.until('nothing works on it', 5, '! pidof forget-rules');
      const now = await takeSnapshot(router);
      const parts = { ...now, files: idle.files, temporary: idle.temporary };
      assert.equal(differences(idle, parts), []);
    }
  );
});

const changeOfConfiguration = '{"type":"config.change","data":{"package":"tailscale-ram"}}';
