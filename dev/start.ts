import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildRoot } from '../build/root.ts';
import { testVersions } from '../src/shared/versions.ts';
import { ensurePrograms } from './setup/debian.ts';
import { headscaleBinary } from './setup/go.ts';
import { boot } from './start/boot.ts';
import { login, pressEnter } from './start/login.ts';
import { Terminal } from './start/terminal.ts';
import { hostOnRealNetwork, isIsolated, runIsolated, takeOverRun } from './tailnet/namespaces.ts';
import { Router } from './tailnet/router.ts';
import { openTailnet, realRelease } from './tailnet/tailnet.ts';

const usage = `npm start [-- OPTIONS]: a router with an empty memory boots into Tailscale, on this machine

  --yes         log in without being asked
  --rate=MB     megabytes a second that the download server sends (10)
  --official    from Tailscale's own server, into your own tailnet (with userspace networking)
`;
const officialServer = 'https://pkgs.tailscale.com';
const terminal = new Terminal();

try {
  const options = readOptions();
  if (!options) process.exitCode = 2;
  else if (!isIsolated()) process.exitCode = await prepare(options);
  else if (options.official) await startOfficial();
  else await startAlone(options);
} catch (error) {
  terminal.line(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

interface Options {
  yes: boolean;
  official: boolean;
  /** Megabytes a second. */
  rate: number;
}

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        yes: { type: 'boolean', default: false },
        official: { type: 'boolean', default: false },
        rate: { type: 'string', default: '10' }
      }
    });
    const rate = Number(values.rate);
    if (!(rate > 0)) throw new Error(`--rate cannot be '${values.rate}'`);
    return { ...values, rate };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}

/** Gets what is needed, and starts this program again in namespaces of its own; returns the exit code. */
async function prepare({ official }: Options): Promise<number> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    console.error('npm start makes a small network of its own: run it as root on Linux.');
    return 1;
  }
  const missing = await ensurePrograms(['busybox', 'flock', 'ip', 'unshare', 'wget']);
  if (missing.length > 0) {
    console.error(`npm start needs programs that are not here: ${missing.join(', ')}`);
    return 1;
  }
  if (official) {
    const problem = await whyUnreachable(officialServer);
    if (problem !== undefined) {
      console.error(`--official needs ${officialServer}, which cannot be reached from here: ${problem}`);
      return 1;
    }
  } else {
    // In there is no network to get it from.
    await headscaleBinary();
    await terminal.step(`Packs Tailscale ${testVersions.latest}`, () => realRelease(testVersions.latest));
  }
  return runIsolated(fileURLToPath(import.meta.url), process.argv.slice(2), { network: !official });
}

/** Everything on this machine: download server, control server, a second node. */
async function startAlone({ yes, rate }: Options): Promise<void> {
  endOnCtrlC();
  const tailnet = await terminal.step('Starts a download server, headscale and a second node', () =>
    openTailnet({ ramMegabytes: 64 })
  );
  const { router, mirror, headscale, userName, peer, peerAddress } = tailnet;
  mirror.setFault({ kind: 'rate', bytesPerSecond: rate * 1e6, on: 'archive' });
  terminal.line(`  download server  ${mirror.url}`);
  terminal.line(`  headscale        ${headscale.url}`);
  terminal.line(`  second node      ${peer.host.name}, ${peerAddress}`);

  terminal.line('A router boots: busybox, its memory empty');
  await router.powerOn();
  await boot(router, terminal);
  await login(router, [`--login-server=${headscale.url}`], terminal, async (link) => {
    if (!yes) {
      terminal.line('No browser can reach that network. Press Enter to open the link there.');
      await pressEnter();
    }
    await headscale.registerNode(userName, link);
  });
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
  await boot(router, terminal);
  endOnCtrlC(async () => {
    await terminal.step('Logs out', () => router.cli.run('logout'));
  });
  await login(router, [], terminal);
  const peers = Object.values((await router.cli.status()).Peer ?? {});
  await showConnection(router, peers.find(({ Online }) => Online)?.TailscaleIPs?.[0]);
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

/** This process is the namespace's init: what it started ends with it. */
function endOnCtrlC(before: () => Promise<void> = () => Promise.resolve()): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      terminal.line('Ends.');
      void before().finally(() => process.exit(0));
    });
  }
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
