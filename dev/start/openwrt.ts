import { randomBytes } from 'node:crypto';
import type { Server } from 'node:net';
import { bootstrapState, daemonStatus, Desk } from '../router/desk.ts';
import { offer } from '../router/keeper.ts';
import { leadToLuci } from '../router/luci-door.ts';
import { PackageManager } from '../router/package-manager.ts';
import type { Rootfs } from '../router/rootfs.ts';
import type { OpenWrt } from '../router/router.ts';
import { Wan, wanKinds } from '../router/wan.ts';
import { followBoot } from './boot.ts';
import type { Device } from './device.ts';
import { endOnCtrlC } from './end.ts';
import { login, pressEnter } from './login.ts';
import type { Options } from './options.ts';
import type { Terminal } from './terminal.ts';

/** `npm start` with OpenWrt; `door` leads to its LuCI. Returns when all is shown; it goes on running. */
export async function startOpenWrt(
  options: Options,
  rootfs: Rootfs,
  door: Server,
  terminal: Terminal
): Promise<void> {
  const { memory, peers, rate, wan } = options;
  const routers: OpenWrt[] = [];
  let connection: Wan | undefined;
  endOnCtrlC(terminal, async () => {
    await Promise.all(routers.map((one) => one.remove()));
    await connection?.end();
  });
  const desk = await terminal.step('Starts an Internet with a download server, headscale and a node', () =>
    Desk.open()
  );
  desk.mirror.setFault({ kind: 'rate', bytesPerSecond: rate * 1e6, on: 'archive' });
  if (peers > 0) {
    const names = Array.from({ length: peers }, (_, index) => `node-${index + 1}`);
    await terminal.step(`Adds ${peers} nodes that only headscale knows`, () =>
      desk.headscale.addAbsentNodes(userName, names)
    );
  }

  const router = await desk.addRouter(rootfs, memory === undefined ? {} : { memoryMegabytes: memory });
  routers.push(router);
  if (wan !== 'plain') {
    connection = await terminal.step(`Connects it: ${wanKinds[wan]}`, () => Wan.connect(desk, rootfs, wan));
  }
  await boot(router, desk, door, terminal);
  await offer(router);
  if (wan !== 'none') await connectToTailnet(router, desk, options.yes, terminal);

  terminal.line('Three things to try:');
  terminal.line(
    '  in LuCI, System, Reboot        it gets the newest Tailscale, and is the same node as before'
  );
  terminal.line('  npm run router -- power-cut    the same, without being asked');
  terminal.line('  npm run router -- shell        on it: logread -e tailscale-ram, tailscale status');
  terminal.line('\nIt runs until you press Ctrl-C, and leaves nothing behind.');
}

/** Switches the router on, installs the package, and tells how to reach it. */
async function boot(router: OpenWrt, desk: Desk, door: Server, terminal: Terminal): Promise<void> {
  await terminal.step(`OpenWrt ${router.release} boots`, () => router.powerOn());
  // Whoever else is on this machine can reach the door, too.
  const password = randomBytes(4).toString('hex');
  await router.succeed(['passwd', 'root'], { input: `${password}\n${password}\n` });
  const { kind } = await PackageManager.of(router);
  await terminal.step(`Installs the package with ${kind}`, () => desk.install(router));
  const address = await terminal.step('Waits for LuCI', () => leadToLuci(door, router));
  terminal.line(`
  LuCI       ${address}  (root, password ${password})
  headscale  ${desk.headscale.url}
  a node     ${desk.peer.host.name}, ${desk.peerAddress}
`);
}

/** Shows the bootstrap at work, logs in, and reaches the other node. */
async function connectToTailnet(
  router: OpenWrt,
  desk: Desk,
  yes: boolean,
  terminal: Terminal
): Promise<void> {
  const device = deviceOf(router);
  const { phase, error } = await followBoot(device, () => true, terminal);
  if (error) terminal.line(`  ${error.code}: ${error.detail}`);
  if (phase !== 'running') return;
  await login(device, [`--login-server=${desk.headscale.url}`], terminal, async (link) => {
    if (!yes) {
      terminal.line('No browser can reach that network. Press Enter to open the link there.');
      await pressEnter();
    }
    await desk.headscale.registerNode(userName, link);
  });
  await showConnection(router, desk.peerAddress, terminal);
  terminal.line();
}

async function showConnection(router: OpenWrt, peerAddress: string, terminal: Terminal): Promise<void> {
  for (const command of [
    ['tailscale', 'ping', '--until-direct', '--timeout=2s', peerAddress],
    ['tailscale', 'status', '--active']
  ]) {
    terminal.line(`\n$ ${command.join(' ')}`);
    terminal.line((await router.exec(command, { timeout: 60 })).stdout.trimEnd());
  }
}

function deviceOf(router: OpenWrt): Device {
  return {
    state: () => (router.isOn ? bootstrapState(router) : Promise.resolve(undefined)),
    tailscale(...args) {
      const program = { running: true };
      // Until a person has logged in.
      void router.exec(['tailscale', ...args], { timeout: 24 * 3600 }).then(() => (program.running = false));
      return program;
    },
    tailOfLog: () => router.succeed('logread -e tailscale | tail -n 20'),
    cli: {
      // Without starting a program each time it is asked.
      status: () => daemonStatus(router)
    }
  };
}

/** Whom Desk has headscale know. */
const userName = 'anna';
