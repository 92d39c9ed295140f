import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDir } from '../setup/cache.ts';
import { isIsolated, runIsolated } from '../tailnet/namespaces.ts';
import { sleep } from '../tailnet/wait.ts';
import { KeptRouter } from './keeper.ts';

const usage = `npm run router -- COMMAND: an OpenWrt router in namespaces, with an Internet, headscale and a node

  up [RELEASE]   boot one (the newest release at hand, or 24.10, …) and install the package
  exec COMMAND…  run a command in it
  shell          a shell in it
  reboot         its flash stays, its RAM goes
  power-cut      at once: what was not yet written to flash is lost, too; then it boots
  down           take it away

While \`npm start\` runs, its router is the one.`;

const script = fileURLToPath(import.meta.url);
const logFile = join(cacheDir(), 'router.log');
const [command, ...args] = process.argv.slice(2);

try {
  // Only what boots one takes all that comes with this import.
  if (command === 'keep' && isIsolated()) await (await import('./keep.ts')).keep(args[0]);
  else process.exitCode = await obey();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

async function obey(): Promise<number> {
  if (command === 'up' && args.length <= 1) return up(args[0]);
  if (command === 'keep') return runIsolated(script, ['keep', ...args]);
  if (command === 'exec' && args.length > 0) return enter(args);
  if (command === 'shell' && args.length === 0) return enter(['/bin/ash', '-l']);
  if (command === 'reboot' && args.length === 0) return bootAgain((router) => router.reboot());
  if (command === 'power-cut' && args.length === 0) return bootAgain((router) => router.powerCut());
  if (command === 'down' && args.length === 0) return down();
  console.error(usage);
  return 2;
}

async function up(release?: string): Promise<number> {
  if (await KeptRouter.find()) {
    console.error('There is one already: `npm run router -- down` takes it away.');
    return 1;
  }
  await (await import('./keep.ts')).prepareToKeep(release);

  const log = openSync(logFile, 'w');
  const options = [...process.execArgv, script, 'keep', ...(release === undefined ? [] : [release])];
  const keeper = spawn(process.execPath, options, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  keeper.unref();
  while (!(await KeptRouter.find())) {
    if (keeper.exitCode !== null) throw new Error(await readFile(logFile, 'utf8'));
    await sleep(100);
  }
  process.stdout.write(await readFile(logFile, 'utf8'));
  return 0;
}

/** Runs a command in the router, on this terminal; returns its exit code, as a shell would. */
async function enter(argv: readonly string[]): Promise<number> {
  const router = await theRouter();
  const [program = '', ...options] = router.enter(argv);
  const child = spawn(program, options, { stdio: 'inherit' });
  // Ctrl-C is for what runs in there.
  process.on('SIGINT', () => undefined);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}

async function bootAgain(how: (router: KeptRouter) => Promise<boolean>): Promise<number> {
  if (await how(await theRouter())) return 0;
  throw new Error(await readFile(logFile, 'utf8').catch(() => 'The router is gone.'));
}

async function down(): Promise<number> {
  const router = await theRouter();
  await router.end();
  rmSync(logFile, { force: true });
  return 0;
}

async function theRouter(): Promise<KeptRouter> {
  const router = await KeptRouter.find();
  if (!router) throw new Error('There is no router: `npm run router -- up` boots one.');
  return router;
}
