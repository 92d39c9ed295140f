import { mkdir, readFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRoot } from '../build/root.ts';
import { testVersions } from '../src/shared/test-versions.ts';
import { startPreview } from './preview/server.ts';
import { chooseRootfs, type Choice } from './router/choose-rootfs.ts';
import { KeptRouter } from './router/keeper.ts';
import { openDoor } from './router/luci-door.ts';
import { ensurePrograms } from './setup/debian.ts';
import { headscaleBinary } from './setup/go.ts';
import { Agent } from './start/agent.ts';
import { followBoot } from './start/boot.ts';
import { endOnCtrlC } from './start/end.ts';
import { login, pressEnter } from './start/login.ts';
import { startOpenWrt } from './start/openwrt.ts';
import { asksForOpenWrt, readOptions, usage, type Options } from './start/options.ts';
import { Terminal } from './start/terminal.ts';
import {
  hostOnRealNetwork,
  isIsolated,
  receiveDoor,
  runIsolated,
  takeOverRun
} from './tailnet/namespaces.ts';
import { Router } from './tailnet/router.ts';
import { openTailnet, realRelease } from './tailnet/tailnet.ts';

const officialServer = 'https://pkgs.tailscale.com';
const terminal = new Terminal();

try {
  const options = optionsOrUsage();
  if (!options) process.exitCode = 2;
  else if (!isIsolated()) process.exitCode = await prepare(options);
  else if (options.official) await startOfficial();
  else {
    const { rootfs } = await choose(options);
    const door = await receiveDoor();
    if (rootfs) await startOpenWrt(options, rootfs, door, terminal);
    else await startAlone(options, door);
  }
} catch (error) {
  terminal.line(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

function optionsOrUsage(): Options | undefined {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}

/** Gets what is needed, and starts this program again in namespaces of its own; returns the exit code. */
async function prepare(options: Options): Promise<number> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.error('npm start makes a small network of its own: run it as root on Linux.');
    return 1;
  }
  const { rootfs, note } = await choose(options);
  if (!rootfs && asksForOpenWrt(options)) throw new Error(note);
  if (rootfs && (await KeptRouter.find()))
    throw new Error('There is a router already: `npm run router -- down` takes it away.');
  const lacking = await ensurePrograms([
    ...(['busybox', 'flock', 'hexdump', 'ip', 'mkfs.ext4', 'tini', 'unshare', 'wget'] as const),
    ...(rootfs ? (['dnsmasq'] as const) : [])
  ]);
  // See `underInit`.
  const missing = lacking.filter((name) => name !== 'tini');
  if (missing.length > 0) {
    console.error(`npm start needs programs that are not here: ${missing.join(', ')}`);
    return 1;
  }
  if (options.official) {
    const problem = await whyUnreachable(officialServer);
    if (problem !== undefined) {
      console.error(`--official needs ${officialServer}, which cannot be reached from here: ${problem}`);
      return 1;
    }
  } else {
    if (note) terminal.line(rootfs ? note : `Without OpenWrt: ${note}`);
    // In there is no network to get it from.
    await headscaleBinary();
    await terminal.step(`Packs Tailscale ${testVersions.latest}`, () => realRelease(testVersions.latest));
  }
  return runIsolated(fileURLToPath(import.meta.url), process.argv.slice(2), {
    network: !options.official,
    ...(!options.official && { door: await openDoor() })
  });
}

async function choose({ official, rootfs, release }: Options): Promise<Choice> {
  if (official || rootfs === 'none') return { note: '' };
  return chooseRootfs({ path: rootfs, release });
}

/** Everything on this machine: download server, control server, a second node. `door` leads to the pages. */
async function startAlone({ yes, rate }: Options, door: Server): Promise<void> {
  endOnCtrlC(terminal);
  const tailnet = await terminal.step('Starts a download server, headscale and a second node', () =>
    openTailnet({ ramMegabytes: 64 })
  );
  const { directory, router, mirror, headscale, userName, peer, peerAddress } = tailnet;
  mirror.setFault({ kind: 'rate', bytesPerSecond: rate * 1e6, on: 'archive' });
  terminal.line(`  download server  ${mirror.url}`);
  terminal.line(`  headscale        ${headscale.url}`);
  terminal.line(`  second node      ${peer.host.name}, ${peerAddress}`);

  terminal.line('A router boots: busybox, its memory empty');
  await router.powerOn();
  await boot(router);
  const agent = await Agent.start(router, terminal);
  const { url } = await startPreview({ bus: agent.bus, tree: join(directory, 'root'), door });
  terminal.line(`\n  The pages, without LuCI, for a browser on this machine: ${url}`);
  terminal.line(`\n$ tailscale-ram login --login-server=${headscale.url}`);
  await agent.login(headscale.url, async (link) => {
    if (!yes) {
      terminal.line('No browser can reach that network. Press Enter to open the link there.');
      await pressEnter();
    }
    await headscale.registerNode(userName, link);
  });
  terminal.line('\n$ tailscale-ram status');
  await agent.command(['status']);
  await showConnection(router, peerAddress);
}

/** The real server, and the tailnet of whoever opens the link. */
async function startOfficial(): Promise<void> {
  // Before /run, where it often is, is taken over.
  const resolvConf = await readFile('/etc/resolv.conf', 'utf8');
  await takeOverRun();
  await mkdir('/run/official');
  await buildRoot('/run/official/root');
  const router = await Router.create({
    directory: '/run/official/router',
    makeHost: () => hostOnRealNetwork('tailscale-ram'),
    tree: '/run/official/root',
    resolvConf,
    // Its routes would become this machine's.
    tun: 'userspace-networking',
    environment: {},
    ramMegabytes: 128
  });
  terminal.line('A router boots: busybox, its memory empty');
  await router.powerOn();
  await boot(router);
  endOnCtrlC(terminal, async () => {
    await terminal.step('Logs out', () => router.cli.run('logout'));
  });
  await login(router, [], terminal);
  const peers = Object.values((await router.cli.status()).Peer ?? {});
  await showConnection(router, peers.find(({ Online }) => Online)?.TailscaleIPs?.[0]);
}

async function boot(router: Router): Promise<void> {
  const program = router.start();
  const { phase, error } = await followBoot(router, () => program.running, terminal);
  if (phase === 'blocked') throw new Error(error ? `${error.code}: ${error.detail}` : phase);
}

async function showConnection(router: Router, peerAddress: string | undefined): Promise<void> {
  terminal.line(`\n$ tailscale status\n${await router.cli.succeed('status')}`);
  if (peerAddress === undefined) {
    terminal.line('No other node of this tailnet is online.');
  } else {
    const ping = ['ping', '--until-direct', '--timeout=2s', peerAddress];
    terminal.line(`$ tailscale ${ping.join(' ')}`);
    terminal.line((await router.cli.run(...ping)).stdout);
  }
  terminal.line('It runs until you press Ctrl-C, and leaves nothing behind.');
}

async function whyUnreachable(url: string): Promise<string | undefined> {
  try {
    await fetch(`${url}/stable/?mode=json`, { signal: AbortSignal.timeout(10_000) });
    return undefined;
  } catch (error) {
    const { cause, message } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
}
