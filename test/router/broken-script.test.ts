import * as assert from 'uvu/assert';
import type { OpenWrt } from '../../dev/router/router.ts';
import { randomNumbers } from '../../dev/tailnet/random.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { cuts, mutate } from './mutations.ts';
import { isSoak } from './soak.ts';
import { untilAtRest } from './snapshot.ts';

/** What fw4 runs of ours, as it may be after a power cut, on a full flash, or after somebody's hand was at it. */

const scripts = ['firewall', 'firewall-nat'].map((name) => `usr/libexec/tailscale-ram/${name}`);
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const count = isSoak ? 200 : 20;
const boots = isSoak ? 10 : 1;

const byHand = [
  '',
  'table inet fw4 {',
  'nft -f - <<E\nrubbish {\nE\nexit 3',
  '\0\0\0\0',
  'kill -9 $$',
  'return 1',
  'if',
  'config x',
  '<!DOCTYPE html>'
];

await onEachRelease(`broken scripts of the firewall, SEED=${seed}`, (scenario, bench) => {
  const random = randomNumbers(seed);
  const whole = new Map<string, string>();
  let firewall = '';

  /** One that is written over another as any program would; what is on flash of it is up to the kernel. */
  const put = (script: string, content: string): Promise<void> =>
    bench.router.write(script, Buffer.from(content, 'latin1'));
  const restore = async (): Promise<void> => {
    for (const [script, content] of whole) await put(script, content);
  };

  const assertRestarts = async (what: string, script: string, content: string): Promise<void> => {
    const { router } = bench;
    await put(script, content);
    await router.exec('/etc/init.d/firewall stop; /etc/init.d/firewall start', { timeout: 90 });
    const has = await firewallOf(router);
    await restore();
    assert.is(has, firewall, `${what} of ${script}:\n${content}`);
  };

  const assertBoots = async (): Promise<void> => {
    const { desk, router } = bench;
    await router.powerCut();
    await router.powerOn();
    await router.until('the WAN is up', 20, async () => (await wanAddress(router)) !== '');
    await router.until('it has its firewall', 20, async () => (await firewallOf(router)) === firewall);
    const open = await desk.peer.host.run(
      ['busybox', 'wget', '-q', '-O', '/dev/null', `http://${await wanAddress(router)}/`],
      { timeout: 3 }
    );
    assert.is.not(open.code, 0, 'from the Internet one reaches LuCI');
  };

  scenario('the firewall, with all that belongs to it', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await router.until(
      'the scripts have run',
      20,
      'nft list table inet tailscale-ram | grep -q from_tailnet'
    );
    await untilAtRest(router);
    for (const script of scripts) whole.set(script, (await router.read(script)) ?? '');
    firewall = await firewallOf(router);
    assert.match(firewall, 'jump reject_from_wan');
    assert.match(firewall, 'chain input_tailscale');
  });

  scenario('with a script broken by hand it stops and starts', async () => {
    for (const content of byHand)
      for (const script of scripts) await assertRestarts('by hand', script, content);
  });

  scenario('with a script cut off somewhere it stops and starts', async () => {
    for (const [script, content] of whole)
      for (const at of cuts(content.length, isSoak ? content.length : count / 2, random))
        await assertRestarts(`the first ${at}`, script, content.slice(0, at));
  });

  scenario('with a script changed at random it stops and starts', async () => {
    for (let i = 0; i < count; i++) {
      const [script = '', content = ''] = [...whole][i % whole.size] ?? [];
      await assertRestarts(`change ${i}`, script, mutate(content, random));
    }
  });

  scenario('with scripts broken in all these ways it boots', async () => {
    for (let i = 0; i < boots; i++) {
      const wrong = [byHand[1 + Math.floor(random() * (byHand.length - 1))] ?? '', '', ''];
      for (const [script, content] of whole) {
        wrong[1] = content.slice(0, random() * content.length);
        wrong[2] = mutate(content, random);
        await put(script, wrong[Math.floor(random() * wrong.length)] ?? '');
      }
      await bench.router.succeed(['sync']);
      await assertBoots();
    }
  });

  scenario('with a script that did not fit on a full flash it boots', async () => {
    const { router } = bench;
    await restore();
    await router.exec('cat /dev/zero >/full', { timeout: 60 });
    // As a package manager does it: it has room for the old one, and not for the new one.
    for (const script of scripts)
      await router.exec(`cp /${script} /tmp/whole; cat /tmp/whole /dev/zero >/${script}`);
    await router.succeed(['sync']);
    await assertBoots();
    await router.succeed(['rm', '/full']);
  });

  scenario('after a power cut while they were written it boots', async () => {
    const { router } = bench;
    await restore();
    await router.succeed(['sync']);
    for (const script of scripts) await put(script, `${whole.get(script)?.slice(0, 200)}`);
    await sleep(random() * 1000);
    await assertBoots();
  });

  scenario('with whole ones all of it is there again', async () => {
    const { router } = bench;
    await restore();
    await router.succeed(['fw4', '-q', 'reload']);
    assert.is(await firewallOf(router), firewall);
    assert.match(await router.succeed(['nft', 'list', 'table', 'inet', 'tailscale-ram']), 'from_tailnet');
  });
});

/** The chains of fw4's table, but for what they have counted. A new one is last until it has all been made anew. */
async function firewallOf(router: OpenWrt): Promise<string> {
  const { stdout } = await router.exec(['nft', 'list', 'table', 'inet', 'fw4']);
  const chains = stdout.replace(/counter packets \d+ bytes \d+/g, 'counter').split(/^\t(?=\w.*\{$)/m);
  const named = chains.slice(1).map((chain) => chain.replace(/^\}$/m, '').trim());
  return named.sort().join('\n\n');
}

async function wanAddress(router: OpenWrt): Promise<string> {
  const { stdout } = await router.exec(['ifstatus', 'wan']);
  return /"address": "([\d.]+)"/.exec(stdout)?.[1] ?? '';
}
