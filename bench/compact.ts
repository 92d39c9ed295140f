import { join } from 'node:path';
import { tailscaleBinaries, type TailscaleBinaries } from '../dev/setup/go.ts';
import type { Host } from '../dev/tailnet/namespaces.ts';
import { TailnetNode } from '../dev/tailnet/node.ts';
import { machineArch } from '../dev/tailnet/tailnet.ts';
import { waitFor } from '../dev/tailnet/wait.ts';
import { compile } from '../mirror/compile.ts';
import { makeImage } from '../mirror/image.ts';
import { testVersions } from '../src/shared/test-versions.ts';
import { openControl, type Control } from './support/control.ts';
import { judge, median, medianInterval, spread } from './support/figures.ts';
import { isolated } from './support/isolated.ts';
import { receiver, sender } from './support/stream.ts';

/**
 * `npm run bench -- compact [ROUNDS]`: a compact build, unpacked from its image as it runs, beside the official one: how
 * long a start takes, once it is fetched, until the node is in its tailnet again; and what it carries each way, in
 * 20 rounds unless told.
 */
export const run = isolated('compact', async ([rounds = '20']) => {
  if (!/^[1-9]\d*$/.test(rounds)) throw new Error(`'${rounds}' is no number`);
  const world = await openWorld();
  const image = '/run/compact/image';
  await makeImage(compact, image);
  const nodes = {
    official: await addNode(world, 'official', official),
    compact: await addNode(
      world,
      'compact',
      { tailscaled: '/mnt/tailscaled', tailscale: official.tailscale },
      image
    )
  };
  const seconds = { official: [] as number[], compact: [] as number[] };
  for (let round = 0; round < Number(rounds); round++)
    for (const kind of ['official', 'compact', 'compact', 'official'] as const)
      seconds[kind].push(await nodes[kind].restart());
  console.log(
    `     compact: ${spread(seconds.official)} s to Running of the official one, ${spread(seconds.compact)} s`
  );

  for (const way of ['sends', 'receives'] as const) {
    const ratios: number[] = [];
    const megabits = { official: [] as number[], compact: [] as number[] };
    for (let round = 0; round < Number(rounds); round++) {
      const sums = { official: 0, compact: 0 };
      for (const kind of ['official', 'compact', 'compact', 'official'] as const) {
        const figure = await nodes[kind][way]();
        megabits[kind].push(figure);
        sums[kind] += figure;
      }
      ratios.push(sums.compact / sums.official);
    }
    const [low, high] = medianInterval(ratios);
    console.log(
      `     compact: ${way} ${spread(megabits.official)} Mbit/s as official, ${spread(megabits.compact)}`
    );
    console.log(
      `     compact: ${way}, ÷ official ${spread(ratios)}; 95 %: ${low.toFixed(3)} to ${high.toFixed(3)}`
    );
    judge(`compact: throughput lost where it ${way}, at the most`, 100 * (1 - median(ratios)), 5, ' %');
  }
});

const official = await tailscaleBinaries(testVersions.latest);
const compact = await compile(testVersions.latest, machineArch(), 'compact-ssh');

interface World extends Control {
  peer: TailnetNode;
  peerAddress: string;
}

async function openWorld(): Promise<World> {
  const control = await openControl('/run/compact');
  const { internet, directory, caFile, headscale, authKey } = control;
  const peer = await TailnetNode.start(
    await internet.addHost('peer'),
    official,
    caFile,
    join(directory, 'peer')
  );
  const peerAddress = await peer.login(headscale.url, authKey);
  await receive(peer.host, peerAddress, directory);
  return { ...control, peer, peerAddress };
}

interface Node {
  /** Seconds from its start to Running. */
  restart: () => Promise<number>;
  /** Mbit/s to the peer. */
  sends: () => Promise<number>;
  /** Mbit/s from the peer. */
  receives: () => Promise<number>;
}

/** A node as the service starts it on a router of 64 MB; with an image, that is mounted anew each time. */
async function addNode(
  world: World,
  name: string,
  binaries: TailscaleBinaries,
  image?: string
): Promise<Node> {
  const { internet, directory, caFile, headscale, authKey, peer, peerAddress } = world;
  const host = await internet.addHost(name);
  const start = async (): Promise<TailnetNode> => {
    if (image !== undefined) await host.succeed(['sh', '-c', mountImage, 'sh', image]);
    return TailnetNode.start(host, binaries, caFile, join(directory, name), { GOGC: '20' });
  };
  let node = await start();
  const address = await node.login(headscale.url, authKey);
  const send = async (from: Host, to: string): Promise<number> =>
    Number(await from.succeed([process.execPath, '-e', sender, to], { timeout: 30 })) / 1e6;
  return {
    async restart() {
      await node.stop();
      if (image !== undefined) await host.succeed(['umount', '/mnt']);
      const began = performance.now();
      node = await start();
      await node.cli.waitUntilRunning();
      const seconds = (performance.now() - began) / 1000;
      await node.cli.pingUntilDirect(peerAddress);
      await receive(host, address, directory);
      return seconds;
    },
    sends: () => send(host, peerAddress),
    receives: () => send(peer.host, address)
  };
}

/** As the bootstrap does: nothing is read ahead. */
const mountImage = `mount -t squashfs -o loop,ro "$1" /mnt
device=$(findmnt -no SOURCE /mnt)
echo 0 >"/sys/block/\${device#/dev/}/bdi/read_ahead_kb"`;

async function receive(host: Host, address: string, directory: string): Promise<void> {
  host.spawn([process.execPath, '-e', receiver, address], {
    log: join(directory, `${host.name}-receiver.log`)
  });
  await waitFor('it receives', 10, () => host.succeed([process.execPath, '-e', sender, address]));
}
