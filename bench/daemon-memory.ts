import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tailscaleBinaries } from '../dev/setup/go.ts';
import { quietEnvironment, TailscaleCli } from '../dev/tailnet/cli.ts';
import type { Host } from '../dev/tailnet/namespaces.ts';
import { TailnetNode } from '../dev/tailnet/node.ts';
import { machineArch } from '../dev/tailnet/tailnet.ts';
import { sleep, waitFor } from '../dev/tailnet/wait.ts';
import { compile } from '../mirror/compile.ts';
import { compactPeakMegabytes, daemonPeakMegabytes } from '../src/shared/memory.ts';
import { testVersions } from '../src/shared/test-versions.ts';
import { openControl, type Control } from './support/control.ts';
import { judge, mebibyte, spread } from './support/figures.ts';
import { isolated } from './support/isolated.ts';

/**
 * `npm run bench -- daemon-memory [RUNS]`: the most anonymous memory that tailscaled, official and compact, takes from
 * its start over its login to a direct path to a peer, by GOGC and size of the tailnet; the largest of 5 runs unless
 * told. That is what src/shared/memory.ts says, rounded up.
 */
export const run = isolated('daemon-memory', async ([runs = '5']) => {
  const world = await openWorld();
  const compactLimits = {
    default: compactPeakMegabytes,
    gogc50: compactPeakMegabytes,
    gogc20: compactPeakMegabytes
  };
  const none = { default: 0, gogc50: 0, gogc20: 0 };
  const builds = [
    { build: 'official', program: binaries.tailscaled, limits: daemonPeakMegabytes, peaks: { ...none } },
    { build: 'compact-ssh', program: compact, limits: compactLimits, peaks: { ...none } }
  ];
  const kinds = Object.entries(collectors) as [keyof typeof collectors, string][];
  for (const peers of [1, 20]) {
    while (world.peers.length < peers) await addPeer(world);
    for (const { build, program, peaks } of builds) {
      for (const [name, gogc] of kinds) {
        const memories: DaemonMemory[] = [];
        for (let i = 0; i < Number(runs); i++) memories.push(await login(world, program, gogc));
        const anonymous = memories.map((each) => each.anonymous / mebibyte);
        const resident = memories.map((each) => each.resident / mebibyte);
        peaks[name] = Math.max(peaks[name], ...anonymous);
        const what = `daemon-memory: ${build}, GOGC ${gogc || 'unset'}, peers: ${peers}`;
        console.log(`     ${what}: anonymous ${spread(anonymous)} MiB, resident ${spread(resident)} MiB`);
      }
    }
  }
  for (const { build, limits, peaks } of builds)
    for (const [name, gogc] of kinds) {
      const what = `daemon-memory: ${build}, GOGC ${gogc || 'unset'}, anonymous memory at login`;
      judge(what, peaks[name], limits[name], ' MiB');
    }
});

const collectors = { default: '', gogc50: '50', gogc20: '20' } as const;
const binaries = await tailscaleBinaries(testVersions.latest);
const compact = await compile(testVersions.latest, machineArch(), 'compact-ssh');

interface World extends Control {
  /** Their addresses in the tailnet. */
  peers: string[];
  /** The host whose daemon is looked at. */
  router: Host;
}

/** The most there was, in bytes. */
interface DaemonMemory {
  /** RssAnon. */
  anonymous: number;
  /** VmHWM: all kinds, pages of the program's file included. */
  resident: number;
}

async function openWorld(): Promise<World> {
  const control = await openControl('/run/daemon-memory');
  const router = await control.internet.addHost('router');
  await mkdir(join(control.directory, 'router'));
  return { ...control, peers: [], router };
}

async function addPeer({ internet, directory, caFile, headscale, authKey, peers }: World): Promise<void> {
  const name = `peer${peers.length + 1}`;
  const node = await TailnetNode.start(await internet.addHost(name), binaries, caFile, join(directory, name));
  peers.push(await node.login(headscale.url, authKey));
}

/** Starts the daemon as the service does, logs it in as the same node each time, and out again. */
async function login(world: World, daemon: string, gogc: string): Promise<DaemonMemory> {
  const directory = join(world.directory, 'router');
  const socket = join(directory, 'socket');
  const program = world.router.spawn(
    [
      ...[daemon, `--state=${join(directory, 'tailscaled.state')}`, `--statedir=${directory}`],
      ...[`--socket=${socket}`, '--port=41641', '--tun=tailscale0', '--verbose=0']
    ],
    {
      env: {
        ...quietEnvironment,
        SSL_CERT_FILE: world.caFile,
        TS_LOGS_DIR: directory,
        TS_DISABLE_TAILDROP: '1',
        TS_DEBUG_FIREWALL_MODE: 'nftables',
        ...(gogc !== '' && { GOGC: gogc })
      },
      log: join(directory, 'log')
    }
  );
  let isLoggedIn = false;
  const watched = watchMemory(await program.pid(), () => program.running && !isLoggedIn);
  const cli = new TailscaleCli(world.router, [binaries.tailscale, `--socket=${socket}`]);
  await waitFor('tailscaled answers', 10, () => cli.status());
  const policy = ['--accept-dns=false', '--netfilter-mode=off'];
  await cli.succeed('up', `--login-server=${world.headscale.url}`, `--auth-key=${world.authKey}`, ...policy);
  await cli.waitUntilRunning();
  await cli.pingUntilDirect(world.peers[0] ?? '');
  await sleep(settlingMs);
  isLoggedIn = true;
  const memory = await watched;
  await cli.succeed('logout');
  await program.stop();
  return memory;
}

const settlingMs = 5000;

async function watchMemory(pid: number, isWanted: () => boolean): Promise<DaemonMemory> {
  const memory: DaemonMemory = { anonymous: 0, resident: 0 };
  while (isWanted()) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
    memory.anonymous = Math.max(memory.anonymous, bytes('RssAnon'));
    memory.resident = Math.max(memory.resident, bytes('VmHWM'));
    await sleep(5);
  }
  return memory;
}
