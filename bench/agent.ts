import { Desk } from '../dev/router/desk.ts';
import { whyUnusable } from '../dev/router/requirements.ts';
import { findRootfs, noRootfs, type Rootfs } from '../dev/router/rootfs.ts';
import type { OpenWrt } from '../dev/router/router.ts';
import { Testcontrol } from '../dev/tailnet/testcontrol.ts';
import { sleep } from '../dev/tailnet/wait.ts';
import { callAll } from '../test/router/agent-client.ts';
import { agentPid, memoryOf, timeCalls } from '../test/router/agent-timing.ts';
import { judge, mebibyte, median, spread } from './support/figures.ts';
import { isolated } from './support/isolated.ts';

/**
 * `npm run bench -- agent [SECONDS]`: the agent on each release of OpenWrt at hand, with 2, 100 and 1,000 peers: how
 * long it takes to answer another process, its memory, and its processor time while nothing happens for 60 seconds
 * unless told; and how long others' calls of rpcd take meanwhile.
 */
export const run = isolated('agent', async ([seconds = '60']) => {
  if (!/^[1-9]\d*$/.test(seconds)) throw new Error(`'${seconds}' is no number of seconds`);
  const found = await findRootfs();
  if (found.length === 0) {
    console.log(`skipped: ${noRootfs}`);
    return;
  }
  const desk = await Desk.open();
  const host = await desk.internet.addHost('many');
  const many = await Testcontrol.start(host, desk.authority, `${desk.directory}/many`);
  for (const rootfs of found) {
    const problem = await whyUnusable(rootfs);
    if (problem === undefined) await measure(desk, many, rootfs, Number(seconds));
    else console.log(`skipped: ${problem}`);
  }
});

async function measure(desk: Desk, many: Testcontrol, rootfs: Rootfs, seconds: number): Promise<void> {
  const name = `agent, OpenWrt ${rootfs.release}`;
  const router = await desk.addRouter(rootfs);
  await many.givePeers(2);
  await router.powerOn();
  await desk.install(router);
  const login = ['login', { login_server: many.url, auth_key: 'any' }] as const;
  await router.until(
    'the agent is there',
    20,
    async () => (await callAll(router, [login]))[0]?.reply?.['job'] === 1
  );
  const pid = await agentPid(router);

  for (const [count, limit] of [
    [2, 2],
    [100, undefined],
    [1000, 5]
  ] as const) {
    await many.givePeers(count);
    await router.until('the agent knows them', 30, async () => (await totalOf(router)) === count);
    // Whatever a change of the tailnet brings has been read.
    await sleep(3000);
    await timeCalls(router, { method: 'status', count: 500 });
    const status = await timeCalls(router, { method: 'status', count: 2000 });
    console.log(`     ${name}: status with ${count} peers ${spread(status)} ms`);
    judge(`${name}: status with ${count} peers, median`, median(status), 0.3, ' ms');
    if (limit !== undefined)
      judge(`${name}: PSS with ${count} peers`, (await memoryOf(router, pid)) / mebibyte, limit, ' MiB');
  }

  const page = await timeCalls(router, { method: 'peers', args: { limit: 100 }, seconds: 5 });
  judge(`${name}: 100 of 1,000 peers, median`, median(page), 1, ' ms');

  const before = await memoryOf(router, pid);
  await timeCalls(router, { method: 'status', count: 10_000 });
  judge(
    `${name}: memory more after 10,000 calls`,
    ((await memoryOf(router, pid)) - before) / 1024,
    0,
    ' KiB'
  );

  const started = await processorSeconds(router, pid);
  await sleep(seconds * 1000);
  const used = (await processorSeconds(router, pid)) - started;
  judge(`${name}: processor time of an hour among 1,000 quiet peers`, (used * 3600) / seconds, 1, ' s');

  await judgeOthers(router, name);
  await router.remove();
}

/** What asks rpcd has to wait for, while the agent is busy: a login, a ping that nobody answers, a netcheck. */
async function judgeOthers(router: OpenWrt, name: string): Promise<void> {
  const others = { object: 'uci', method: 'configs', seconds: 3, pauseMs: 2 };
  await timeCalls(router, { ...others, seconds: 1 });
  const quiet = await timeCalls(router, others);
  const peer = 'nPeer4CNTRL';
  for (const { reply } of await callAll(router, [['ping', { peer, count: 5 }], ['netcheck'], ['reauth']]))
    if (typeof reply?.['job'] !== 'number') throw new Error(JSON.stringify(reply));
  const busy = await timeCalls(router, others);
  console.log(`     ${name}: a call of rpcd ${spread(quiet)} ms, and ${spread(busy)} ms meanwhile`);
  judge(
    `${name}: delay of rpcd's calls meanwhile, the longest`,
    Math.max(...busy) - median(quiet),
    20,
    ' ms'
  );
}

async function totalOf(router: OpenWrt): Promise<unknown> {
  const [answer] = await callAll(router, [['peers', { limit: 1 }]]);
  return answer?.reply?.['total'];
}

async function processorSeconds(router: OpenWrt, pid: number): Promise<number> {
  const nanoseconds = (await router.read(`proc/${pid}/schedstat`))?.split(' ')[0];
  return Number(nanoseconds) / 1e9;
}
