import { Desk } from '../dev/router/desk.ts';
import { whyUnusable } from '../dev/router/requirements.ts';
import { findRootfs, noRootfs, type Rootfs } from '../dev/router/rootfs.ts';
import type { OpenWrt } from '../dev/router/router.ts';
import type { Host } from '../dev/tailnet/namespaces.ts';
import { sleep, waitFor } from '../dev/tailnet/wait.ts';
import { untilAtRest } from '../test/router/snapshot.ts';
import { judge, median, medianInterval, spread } from './support/figures.ts';
import { isolated } from './support/isolated.ts';
import { planTimes } from './support/plan-times.ts';
import { countStarts } from './support/starts.ts';
import { receiver, sender } from './support/stream.ts';

/**
 * `npm run bench -- network [SECONDS [ROUNDS]]`: how long ucode plans for 1,000 peers and 100 routes; and on each release
 * of OpenWrt at hand, the throughput from LAN to tailnet beside that through fw4 without anything of ours, in
 * 40 rounds unless told; and how often nft, ip, uci and fw4 are started while nothing happens, for 600 seconds
 * unless told.
 */
export const run = isolated('network', async ([seconds = '600', rounds = '40']) => {
  for (const each of [seconds, rounds])
    if (!/^[1-9]\d*$/.test(each)) throw new Error(`'${each}' is no number`);
  for (const { release, milliseconds } of await planTimes()) {
    console.log(`     network, ucode ${release}: a plan ${spread(milliseconds)} ms`);
    judge(`network, ucode ${release}: a plan with 1,000 peers, median`, median(milliseconds), 5, ' ms');
  }
  const found = await findRootfs();
  if (found.length === 0) {
    console.log(`skipped: ${noRootfs}`);
    return;
  }
  const desk = await Desk.open();
  const clients = new Map<string, Host>();
  for (const rootfs of found) {
    const problem = await whyUnusable(rootfs);
    if (problem === undefined) await measure(desk, clients, rootfs, Number(seconds), Number(rounds));
    else console.log(`skipped: ${problem}`);
  }
});

async function measure(
  desk: Desk,
  clients: Map<string, Host>,
  rootfs: Rootfs,
  seconds: number,
  rounds: number
): Promise<void> {
  const name = `network, OpenWrt ${rootfs.release}`;
  const router = await desk.addRouter(rootfs);
  await router.powerOn();
  await desk.install(router);
  const { Self } = await desk.login(router);
  const client = clients.get('client') ?? (await desk.surroundings.addLanClient('client'));
  clients.set('client', client);
  // So that there is a way back without masquerading, too.
  await router.succeed(['tailscale', 'set', '--advertise-routes=192.168.1.0/24']);
  await desk.headscale.approveRoutesOf(Self.TailscaleIPs?.[0] ?? '', ['192.168.1.0/24']);
  await desk.peer.cli.succeed('set', '--accept-routes');
  await untilAtRest(router);

  await judgeThroughput(desk, router, client, name, rounds);

  await untilAtRest(router);
  const starts = await countStarts(router, ['nft', 'ip', 'uci', 'fw4']);
  await sleep(seconds * 1000);
  const started = await starts.list();
  for (const line of started) console.log(`     ${name}: ${line}`);
  judge(`${name}: nft, ip, uci and fw4 started in ${seconds} idle seconds`, started.length, 0);
  await router.remove();
}

/**
 * Of a busy machine each stream says little: they are short and many, in rounds of with, without, without, with, so that
 * what changes slowly is the same for both.
 */
async function judgeThroughput(
  { peer, peerAddress, directory }: Desk,
  router: OpenWrt,
  client: Host,
  name: string,
  rounds: number
): Promise<void> {
  const server = peer.host.spawn([process.execPath, '-e', receiver, peerAddress], {
    log: `${directory}/receiver.log`
  });
  const megabits = async (): Promise<number> =>
    Number(await client.succeed([process.execPath, '-e', sender, peerAddress])) / 1e6;
  const load = (rules: string): Promise<string> => router.succeed(['nft', '-f', `/tmp/${rules}.nft`]);
  await router.succeed(prepare);
  await waitFor('the other end is there', 10, megabits);
  const through: number[] = [];
  const without: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const sums = { with: 0, without: 0 };
    for (const rules of ['with', 'without', 'without', 'with'] as const) {
      await load(rules);
      sums[rules] += await megabits();
    }
    through.push(sums.with / 2);
    without.push(sums.without / 2);
    ratios.push(sums.with / sums.without);
  }
  await load('with');
  await server.stop();
  await router.succeed(['/etc/init.d/tailscale-ram', 'start']);
  const [low, high] = medianInterval(ratios);
  console.log(`     ${name}: ${spread(through)} Mbit/s with rules, ${spread(without)} without ours`);
  console.log(
    `     ${name}: with ÷ without ${spread(ratios)}; 95 %: ${low.toFixed(3)} to ${high.toFixed(3)}`
  );
  judge(`${name}: throughput that the rules take, at the most`, 100 * (1 - low), 3, ' %');
}

/** What is ours goes, and what is forbidden without it is allowed; and the agent does not put it back. */
const prepare = `
ubus call service delete '{ "name": "tailscale-ram", "instance": "agent" }'
keep() { { echo flush ruleset; nft -s list ruleset; } >/tmp/$1.nft; }
cp /etc/config/firewall /tmp/firewall
fw4 -q reload
keep with
for section in $(uci show firewall | sed -n 's/^firewall\\.\\(tailscale_ram_[a-z_]*\\)=.*/\\1/p'); do
	uci delete "firewall.$section"
done
uci set firewall.@defaults[0].forward=ACCEPT
uci commit firewall
fw4 -q reload
nft delete table inet tailscale-ram
keep without
cp /tmp/firewall /etc/config/firewall`;
