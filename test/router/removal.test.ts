import * as assert from 'uvu/assert';
import { PackageManager } from '../../dev/router/package-manager.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { isSoak } from './soak.ts';
import { generator, readSeed } from './ways/choice.ts';
import { writePolicy } from './ways/exits.ts';

/** Removals at whatever moment: while the agent, procd or the firewall still have to do with a change. */

const times = isSoak ? 30 : 4;
const seed = readSeed();
console.log(`chosen: SEED=${seed}`);

await onEachRelease('removals', (scenario, bench) => {
  const random = generator(seed);
  let before: string[] = [];

  /** What is configured, in force, and runs. */
  const state = async (): Promise<string[]> => {
    const script = `for name in firewall network dhcp; do uci export $name; uci changes $name; done; ip rule; ip -6 rule
      nft list ruleset | sed 's/packets [0-9]* bytes [0-9]*//'; ls -d /usr/libexec/tailscale-ram /tmp/tailscale-ram
      ls /tmp/dnsmasq.*.d; pidof tailscaled bootstrap forget-rules forget-network; ls /etc/tailscale-ram`;
    return (await bench.router.exec(script)).stdout.split('\n');
  };

  const install = async (): Promise<void> => {
    const { desk, router } = bench;
    // What the removal before has left to the user.
    await router.exec(['rm', '-f', '/etc/config/tailscale-ram']);
    await desk.install(router);
    const isThere = `nft list table inet tailscale-ram && ip rule | grep 5260 && uci get firewall.tailscale_ram_zone`;
    await router.until('the firewall and the routes are as the tailnet needs them', 20, isThere);
  };

  const remove = async (): Promise<void> => {
    const { code, stdout, stderr } = await (
      await PackageManager.of(bench.router)
    ).remove('luci-app-tailscale-ram');
    assert.is(code, 0, stdout + stderr);
  };

  /** What is only there since the installation, `+`, or no more, `-`. */
  const left = async (): Promise<string[]> => {
    const after = await state();
    return [
      ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
      ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`)
    ];
  };

  const isAsBefore = async (): Promise<void> => {
    let last: string[] = [];
    await bench.router
      .until('all is as before', 30, async () => (last = await left()).length === 0)
      .catch(() => {
        assert.equal(last, []);
      });
    // Nor does anything come back.
    await sleep(3000);
    assert.equal(await left(), []);
  };

  scenario('nothing comes back by a reload that had to wait until the service was stopped', async () => {
    const { desk, router } = bench;
    desk.mirror.setFault({ kind: 'close' });
    await router.powerOn();
    await router.until('names are resolved', 30, 'nslookup ntp.example 127.0.0.1 | grep -q 192.0.2');
    before = await state();
    await install();
    // As procd does it, a second after a change: both wait here for somebody else, in this order.
    const held = 'flock /var/lock/procd_tailscale-ram.lock sleep 4';
    const reload = 'sleep 3; /etc/init.d/tailscale-ram reload';
    await router.succeed(`(${held}) >/dev/null 2>&1 & (${reload}) >/dev/null 2>&1 &`);
    await sleep(500);
    await remove();
    await isAsBefore();
  });

  scenario(`nothing is left by ${times} removals soon after a change of policy`, async () => {
    const { router } = bench;
    for (let i = 0; i < times; i++) {
      await install();
      await writePolicy(router, { kill_switch: '1', upstream: '1' });
      const pause = random() % 3000;
      await sleep(pause);
      console.log(`removed ${pause} ms after a change`);
      await remove();
      await isAsBefore();
    }
  });
});
