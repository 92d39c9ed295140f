import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testVersions } from '../../src/shared/versions.ts';
import { cacheDir } from '../setup/cache.ts';
import { headscaleBinary, tailscaleBinaries } from '../setup/go.ts';
import { isIsolated, runIsolated } from '../tailnet/namespaces.ts';
import { realRelease } from '../tailnet/tailnet.ts';
import { sleep } from '../tailnet/wait.ts';
import { Desk } from './desk.ts';
import { findRootfs, noRootfs } from './rootfs.ts';

const usage = `npm run router -- COMMAND: an OpenWrt router in namespaces, with an Internet, headscale and a node

  up [RELEASE]   boot one (the newest release at hand, or 24.10, …) and install the package
  exec COMMAND…  run a command in it
  shell          a shell in it
  reboot         its flash stays, its RAM goes
  power-cut      at once: what was not yet written to flash is lost, too; then it boots
  down           take it away`;

/** What the keeper, which holds the namespaces, tells the other commands; it is there once the router is up. */
interface State {
  /** The process that keeps all of it alive. */
  keeper: number;
  boots: number;
  /** The command line, in the keeper's namespaces, that runs what follows in the router. */
  enter: string[];
}

const script = fileURLToPath(import.meta.url);
const stateFile = join(cacheDir(), 'router.json');
const logFile = join(cacheDir(), 'router.log');
const absent = 'There is no router: `npm run router -- up` boots one.';
const [command, ...args] = process.argv.slice(2);

if (command === 'keep' && isIsolated()) await keep(args[0], Number(args[1]));
else process.exitCode = await obey();

async function obey(): Promise<number> {
  if (command === 'up') return up(args[0]);
  if (command === 'keep') return runIsolated(script, ['keep', args[0] ?? '', `${process.pid}`]);
  if (command === 'exec' && args.length > 0) return enter(args);
  if (command === 'shell') return enter(['/bin/ash', '-l']);
  if (command === 'reboot') return bootAgain('SIGUSR1');
  if (command === 'power-cut') return bootAgain('SIGUSR2');
  if (command === 'down') return down();
  console.error(usage);
  return 2;
}

async function up(release?: string): Promise<number> {
  if (await readState()) return complain('There is one already: `npm run router -- down` takes it away.');
  const all = await findRootfs();
  const rootfs = all.find((one) => release === undefined || one.release === release);
  if (!rootfs) return complain(noRootfs);
  // In there is no network to get them from.
  await tailscaleBinaries(testVersions.latest);
  await headscaleBinary();
  await realRelease(testVersions.latest);

  rmSync(stateFile, { force: true });
  const log = openSync(logFile, 'w');
  const keeper = spawn(process.execPath, [...process.execArgv, script, 'keep', rootfs.release], {
    detached: true,
    stdio: ['ignore', log, log]
  });
  closeSync(log);
  keeper.unref();
  while (!(await readState())) {
    if (keeper.exitCode !== null) return complain(await readFile(logFile, 'utf8'));
    await sleep(100);
  }
  process.stdout.write(await readFile(logFile, 'utf8'));
  return 0;
}

/** Inside: boots the router, and stays. */
async function keep(release: string | undefined, keeper: number): Promise<void> {
  const rootfs = (await findRootfs()).find((one) => one.release === release);
  if (!rootfs) throw new Error(noRootfs);
  const desk = await Desk.open();
  const router = await desk.addRouter(rootfs);
  let boots = 0;
  const tell = async () => {
    const state: State = { keeper, boots: ++boots, enter: router.enter([]) };
    await writeFile(`${stateFile}.new`, JSON.stringify(state));
    await rename(`${stateFile}.new`, stateFile);
  };
  process.on('SIGUSR1', () => void router.reboot().then(tell));
  process.on('SIGUSR2', () => {
    void router
      .powerCut()
      .then(() => router.powerOn())
      .then(tell);
  });
  await router.powerOn();
  await desk.install(router);
  console.log(`OpenWrt ${router.release} has booted, and the package is installed. To log in:`);
  console.log('  npm run router -- exec tailscale up \\');
  console.log(`    --login-server=${desk.headscale.url} --auth-key=${desk.authKey}`);
  console.log(`Another node of its tailnet is ${desk.peerAddress}.`);
  await tell();
}

/** Runs a command in the router, on this terminal; returns its exit code. */
async function enter(argv: readonly string[]): Promise<number> {
  const state = await readState();
  if (!state) return complain(absent);
  const [program = '', ...options] = [
    ...['nsenter', '--target', `${innerKeeper(state)}`, '--mount', '--pid', '--', ...state.enter, ...argv]
  ];
  const child = spawn(program, options, { stdio: 'inherit' });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}

/** Has the keeper do it, and waits until it has booted. */
async function bootAgain(signal: 'SIGUSR1' | 'SIGUSR2'): Promise<number> {
  const before = await readState();
  if (!before) return complain(absent);
  process.kill(innerKeeper(before), signal);
  for (;;) {
    await sleep(100);
    const now = await readState();
    if (!now) return complain(await readFile(logFile, 'utf8'));
    if (now.boots > before.boots) return 0;
  }
}

async function down(): Promise<number> {
  const state = await readState();
  if (!state) return complain(absent);
  process.kill(state.keeper, 'SIGKILL');
  rmSync(stateFile);
  return 0;
}

function complain(text: string): number {
  console.error(text);
  return 1;
}

async function readState(): Promise<State | undefined> {
  try {
    const state = JSON.parse(await readFile(stateFile, 'utf8')) as State;
    // Throws if it was killed: everything went with it.
    process.kill(state.keeper, 0);
    return state;
  } catch {
    return undefined;
  }
}

/** The first process of the namespaces: what the keeper's only child, `unshare`, has started. */
function innerKeeper({ keeper }: State): number {
  const childOf = (pid: number) => Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  return childOf(childOf(keeper));
}
