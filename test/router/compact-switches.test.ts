import * as assert from 'uvu/assert';
import { bootstrapState, untilRunning } from '../../dev/router/desk.ts';
import { randomNumbers } from '../../dev/tailnet/random.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { serveCompactMirror, trustCompactMirror } from './compact-mirror.ts';
import { isSoak } from './soak.ts';
import { readSeed } from './ways/choice.ts';

/** From one build to another by a call or by a reboot, the power cut at any moment: the same node comes up again. */

const switches = isSoak ? 200 : 4;
const builds = ['official', 'compact', 'compact-ssh', 'auto'];
const seed = readSeed();
console.log(`chosen: SEED=${seed}`);

await onEachRelease('switches between builds', (scenario, bench) => {
  const random = randomNumbers(seed);
  const choose = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const identity = async (): Promise<string> => (await untilRunning(bench.router, 90)).Self.PublicKey;
  const wanted = async (): Promise<string> =>
    (await bench.router.succeed('uci get tailscale-ram.main.build')).trim();
  /** One that a switch before is still busy with is refused. */
  const ask = (build: string): Promise<unknown> =>
    bench.router.until('it is taken', 60, async () => {
      const answer = await bench.router.ubus('tailscale-ram', 'set_build', { build });
      const { error } = answer as { error?: { code: string } };
      assert.ok(error === undefined || error.code === 'busy', JSON.stringify(error));
      return error === undefined;
    });
  let key = '';

  scenario('it is in its tailnet', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await router.until('the WAN is up', 30, 'ifstatus wan | jsonfilter -e "@.up" | grep -q true');
    await desk.install(router);
    const mirror = await serveCompactMirror(bench.desk);
    bench.atEnd(() => mirror.close());
    await trustCompactMirror(router);
    await desk.login(router);
    key = await identity();
    await router.succeed('sync');
  });

  scenario(`${switches} switches: it is the same node each time`, async () => {
    const { router } = bench;
    const count = { finished: 0, cut: 0 };
    for (let i = 0; i < switches; i++) {
      const build = choose(builds);
      const byCall = random() < 0.5;
      const isCut = random() < 0.7;
      if (byCall) {
        await ask(build);
      } else {
        await router.uci('set', `tailscale-ram.main.build=${build}`);
        await router.uci('commit', 'tailscale-ram');
        await router.succeed('sync');
        await router.reboot(isCut ? 'none' : 'booted');
      }
      if (isCut) {
        await sleep(random() * 8000);
        await router.powerCut();
        await router.powerOn();
        count.cut++;
      } else if (byCall)
        await router.until(`${build} runs`, 90, async () => {
          const state = await bootstrapState(router);
          return state?.phase === 'running' && (build === 'auto' || state.build === build);
        });
      assert.is(await identity(), key, `after switch ${i + 1}, to ${build}`);
      // What was asked for last, unless the power went before it was written.
      if (!isCut || !byCall) assert.is(await wanted(), build);
      await router.succeed('sync');
      if (!isCut) count.finished++;
    }
    if (isSoak) console.log(`${count.finished} switches to their end, ${count.cut} cut off`);
    const { stdout } = await router.exec('grep -c squashfs /proc/mounts; ls /tmp/tailscale-ram');
    assert.ok(Number(stdout.split('\n')[0]) <= 2, stdout);
  });
});
