import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { archs } from '../../src/shared/arch.ts';
import type { Phase } from '../../src/shared/phases.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { officialArchive } from '../mirror/archive.ts';
import { keptSize } from '../mirror/kept-size.ts';
import type { Release } from '../mirror/release-index.ts';
import { goHello, tailscaleBinaries, type TailscaleBinaries } from '../setup/go.ts';
import type { Status } from './cli.ts';
import { readIdentity, type Identity } from './identity.ts';
import { callLocalApi } from './localapi.ts';
import { randomNumbers } from './random.ts';
import { machineArch, openTailnet, type Tailnet } from './tailnet.ts';
import { sleep, waitFor } from './wait.ts';

export interface PowerCutOptions {
  cuts: number;
  /** The same seed makes the same decisions; the moments still depend on the machine. */
  seed: number;
  /** After each so many cuts, the next start must come to Running as the same node: 10 unless told. */
  startEvery?: number;
  /** Is told of each cut. */
  progress?: (done: number) => void;
}

export interface PowerCutResult {
  /** How often RAM was lost. */
  powerCuts: number;
  /** How often only the processes were killed. */
  crashes: number;
  /** What the bootstrap was at when it was cut off. */
  phases: Record<string, number>;
  /** Starts that were watched until Running. */
  starts: number;
  /** The promise that was broken, with the router's last words; that was the last cut then. */
  broken?: string;
}

/**
 * Cuts a router's power at random moments of boot, login and update, or kills all its processes with RAM kept,
 * and looks each time whether the identity is whole on flash and every binary under bin/ one of the real ones.
 */
export async function cutPowerAtRandom(options: PowerCutOptions): Promise<PowerCutResult> {
  const { cuts, seed, startEvery = 10, progress } = options;
  const random = randomNumbers(seed);
  const result: PowerCutResult = { powerCuts: 0, crashes: 0, phases: {}, starts: 0 };
  const tailnet = await openTailnet();
  const world = await prepare(tailnet);
  for (let cut = 1; cut <= cuts && result.broken === undefined; cut++) {
    try {
      await cutOnce(world, random, result);
      if (cut % startEvery === 0) {
        result.starts++;
        await checkStart(world);
      }
    } catch (error) {
      result.broken = `at cut ${cut}: ${describe(error)}\n${await tailnet.router.tailOfLog()}`;
    }
    progress?.(cut);
  }
  await tailnet.close();
  return result;
}

/** One line for people. */
export function describePowerCuts({ powerCuts, crashes, phases, starts, broken }: PowerCutResult): string {
  const at = Object.entries(phases)
    .sort(([, a], [, b]) => b - a)
    .map(([phase, count]) => `${count} ${phase}`);
  const verdict = broken === undefined ? 'nothing was broken' : 'a promise was broken';
  return `${powerCuts} power cuts and ${crashes} crashes (${at.join(', ')}), ${starts} starts watched: ${verdict}`;
}

/** Fetches wait for these first, until each was cut off once: random moments may miss the short ones. */
const fetchPhases: readonly Phase[] = ['downloading', 'verifying', 'running'];

interface World {
  tailnet: Tailnet;
  /** By checksum: what may lie under bin/. */
  known: Map<string, { name: string; version: string }>;
  identity: Identity;
  /** Milliseconds from an empty RAM to tailscaled. */
  bootMs: number;
}

const versions = [testVersions.older, testVersions.latest] as const;

/** Logs the router in and leaves it off, its RAM empty. */
async function prepare(tailnet: Tailnet): Promise<World> {
  const { router, headscale, authKey, mirror } = tailnet;
  await router.powerOn();
  const daemon = router.start();
  await waitFor('tailscaled answers', 60, () => router.cli.status());
  await router.cli.succeed('up', `--login-server=${headscale.url}`, `--auth-key=${authKey}`);
  await router.cli.waitUntilRunning();
  await daemon.stop();
  // tailscaled does not sync the directory: for a few seconds a login is only in the file system's journal to be.
  await router.host.succeed(['sync']);
  await router.cutPower();
  await router.emptyRam();
  const identity = await readIdentity(stateFile(tailnet));

  const known: World['known'] = new Map();
  const releases: Release[] = [];
  for (const version of versions) releases.push(await lightRelease(version, known));
  mirror.setReleases(releases);
  await router.powerOn();
  const started = Date.now();
  router.start();
  await waitFor('tailscaled runs', 60, async () => (await router.state())?.phase === 'running', 5);
  const bootMs = Date.now() - started;
  await router.cutPower();
  await router.emptyRam();
  return { tailnet, known, identity, bootMs };
}

/** A release whose command only tells its version: that costs half the time. */
async function lightRelease(version: string, known: World['known']): Promise<Release> {
  const arch = machineArch();
  const binaries: TailscaleBinaries = {
    tailscaled: (await tailscaleBinaries(version)).tailscaled,
    tailscale: await goHello(archs[arch].go, `${version}\n`)
  };
  for (const name of ['tailscaled', 'tailscale'] as const) {
    known.set(await sha256(binaries[name], await keptSize(binaries[name])), { name, version });
  }
  return { version, archives: [await officialArchive(version, arch, binaries)] };
}

/** Boots or starts the service, cuts it off, and throws if something is broken then. */
async function cutOnce(world: World, random: () => number, result: PowerCutResult): Promise<void> {
  const { router } = world.tailnet;
  if (!router.isOn) await router.powerOn();
  // As when the service was stopped on purpose: what is killed here did not die of itself.
  for (const name of ['starts', 'bootstrap.json', 'update.json']) {
    await rm(router.run('tailscale-ram', name), { force: true });
  }
  router.start();
  const missing = fetchPhases.find((phase) => !result.phases[phase]);
  if (existsSync(router.tmp('tailscale-ram', 'bin', 'tailscaled'))) await disturbRunning(world, random);
  else if (missing) await waitForPhase(world, 'bootstrap', new Set([missing, 'running']));
  else await disturbFetch(world, random, 'bootstrap');

  const update = (await router.state('update'))?.phase;
  const phase = update ? `update ${update}` : ((await router.state())?.phase ?? 'nothing yet');
  result.phases[phase] = (result.phases[phase] ?? 0) + 1;
  if (random() < 0.3) {
    result.powerCuts++;
    await router.cutPower();
    await checkBinaries(world);
    await router.emptyRam();
  } else {
    result.crashes++;
    await router.host.killProcesses();
    await checkBinaries(world);
  }
  await checkIdentity(world);
}

/** Waits for a random moment of a fetch, every other time for one around the swap, which is short. */
async function disturbFetch(
  world: World,
  random: () => number,
  command: 'bootstrap' | 'update',
  isDone: () => boolean = () => false
): Promise<void> {
  if (random() < 0.5) {
    await sleep(random() * world.bootMs);
  } else {
    await waitForPhase(world, command, nearSwap, isDone);
    await sleep(random() * 150);
  }
}

const nearSwap = new Set<Phase>(['verifying', 'starting', 'running']);

async function waitForPhase(
  { tailnet: { router } }: World,
  command: 'bootstrap' | 'update',
  phases: ReadonlySet<Phase | undefined>,
  isDone: () => boolean = () => false
): Promise<void> {
  const isThere = async () => phases.has((await router.state(command))?.phase);
  await waitFor(`it is ${[...phases].join(' or ')}`, 60, async () => isDone() || (await isThere()), 3);
}

/** A short while of a router whose binaries are in RAM: an update, or a changed setting, is under way when it ends. */
async function disturbRunning(world: World, random: () => number): Promise<void> {
  const { router } = world.tailnet;
  if (random() < 0.35) {
    await waitFor('tailscaled answers', 30, () => callLocalApi(router.socket, 'GET', 'status'), 10);
    let isDone = false;
    void router.bootstrap('update', versions[random() < 0.5 ? 0 : 1]).then(() => (isDone = true));
    await disturbFetch(world, random, 'update', () => isDone);
  } else {
    await sleep(random() * 300);
    callLocalApi(router.socket, 'PATCH', 'prefs', { RouteAllSet: true, RouteAll: random() < 0.5 }).catch(
      () => {
        // It may not listen yet.
      }
    );
    await sleep(random() * 20);
  }
}

async function checkBinaries({ tailnet: { router }, known }: World): Promise<void> {
  const ram = router.tmp('tailscale-ram');
  for (const name of await readdir(join(ram, 'bin')).catch(() => [])) {
    const found = known.get(await sha256(join(ram, 'bin', name)));
    if (found?.name !== name) throw new Error(`bin/${name} is none of the real ones`);
    if (name !== 'tailscaled') continue;
    // Without a label it is asked.
    const label = await readFile(join(ram, 'version'), 'utf8').catch(() => undefined);
    if (label !== undefined && label.split(' ')[0] !== found.version)
      throw new Error(`bin/${name} is ${found.version}, and said to be ${label}`);
  }
}

async function checkIdentity({ tailnet, identity }: World): Promise<void> {
  const { machineKey, nodeKey } = await readIdentity(stateFile(tailnet));
  if (machineKey !== identity.machineKey || nodeKey !== identity.nodeKey)
    throw new Error('it has other keys now');
}

function stateFile({ router }: Tailnet): string {
  return router.etc('tailscale', 'tailscaled.state');
}

async function checkStart({ tailnet: { router, headscale } }: World): Promise<void> {
  if (!router.isOn) await router.powerOn();
  router.start();
  const status = await waitFor('the next start comes to Running', 60, async () => {
    const status = (await callLocalApi(router.socket, 'GET', 'status')) as Status;
    return status.BackendState === 'Running' && status;
  });
  const nodes = (await headscale.listNodes()).filter(({ name }) => name === 'router');
  if (nodes.length !== 1 || nodes[0]?.node_key !== status.Self.PublicKey)
    throw new Error('it became another node');
  await router.host.killProcesses();
}

/** Of the whole file, or of its first bytes. */
async function sha256(path: string, length = Infinity): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { end: length - 1 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${describe(error.cause)})`;
}
