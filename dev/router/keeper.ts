import { readFileSync, rmSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../setup/cache.ts';
import { nameProcess, outerProcess } from '../tailnet/namespaces.ts';
import { sleep, waitFor } from '../tailnet/wait.ts';
import type { OpenWrt } from './router.ts';

/** What the keeper, which holds the namespaces, tells others; it is there while the router is up. */
interface State {
  /** The process outside that keeps all of it alive, as `nameProcess` names it. */
  keeper: string;
  boots: number;
  /** The command line, in the keeper's namespaces, that runs what follows in the router. */
  enter: string[];
}

/**
 * Inside, in what `runIsolated` started: offers a router that is on to `KeptRouter.find`, and boots it again
 * whenever it has gone down by itself. There must be no other one, which only `KeptRouter.find` outside can tell.
 */
export async function offer(router: OpenWrt): Promise<void> {
  let boots = 0;
  const tell = async () => {
    const state: State = { keeper: outerProcess(), boots: ++boots, enter: router.enter([]) };
    await writeFile(`${stateFile}.new`, JSON.stringify(state));
    await rename(`${stateFile}.new`, stateFile);
  };
  // One after the other, and what fails ends all of it.
  let work = Promise.resolve();
  const next = (step: () => Promise<void>) => {
    work = work.then(step).then(tell);
  };
  let comesBack = false;
  setInterval(() => {
    if (comesBack || !router.hasGoneDown) return;
    comesBack = true;
    next(async () => {
      if (router.hasGoneDown) await router.bootAgain();
      comesBack = false;
    });
  }, 200);
  process.on('SIGUSR1', () => void router.exec(['reboot']));
  process.on('SIGUSR2', () => {
    next(async () => {
      await router.powerCut();
      await router.powerOn();
    });
  });
  process.on('exit', () => {
    rmSync(stateFile, { force: true });
  });
  await tell();
}

/** The router that is kept, from outside. */
export class KeptRouter {
  readonly #state: State;

  /** undefined if there is none. */
  static async find(): Promise<KeptRouter | undefined> {
    const state = await readState();
    return state && new KeptRouter(state);
  }

  private constructor(state: State) {
    this.#state = state;
  }

  /** The command line that runs a command in it. */
  enter(argv: readonly string[]): string[] {
    const keeper = `${this.#innerKeeper()}`;
    return ['nsenter', '--target', keeper, '--mount', '--pid', '--', ...this.#state.enter, ...argv];
  }

  /** As its own command does it. Returns once it has booted; false if it is gone instead. */
  reboot(): Promise<boolean> {
    return this.#bootAgain('SIGUSR1');
  }

  /** At once. Returns likewise. */
  powerCut(): Promise<boolean> {
    return this.#bootAgain('SIGUSR2');
  }

  /** Takes it away, with all that its keeper has made. */
  async end(): Promise<void> {
    const { keeper } = this.#state;
    process.kill(this.#innerKeeper(), 'SIGINT');
    await waitFor('its keeper has ended', 15, () => !isAlive(keeper)).catch(() => {
      process.kill(Number.parseInt(keeper), 'SIGKILL');
      rmSync(stateFile, { force: true });
    });
  }

  async #bootAgain(signal: 'SIGUSR1' | 'SIGUSR2'): Promise<boolean> {
    process.kill(this.#innerKeeper(), signal);
    for (;;) {
      await sleep(100);
      const now = await readState();
      if (!now || now.boots > this.#state.boots) return now !== undefined;
    }
  }

  /** The first process of the namespaces: what the keeper's child `unshare` has started. */
  #innerKeeper(): number {
    const outer = Number.parseInt(this.#state.keeper);
    const unshare = childrenOf(outer).find(
      (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'unshare\n'
    );
    const [inner] = unshare === undefined ? [] : childrenOf(unshare);
    if (inner === undefined) throw new Error('the router is on its way up or down');
    return inner;
  }
}

const stateFile = join(cacheDir(), 'router.json');

/** undefined also if its keeper was killed: everything went with it. */
async function readState(): Promise<State | undefined> {
  const text = await readFile(stateFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const state = JSON.parse(text) as State;
  return isAlive(state.keeper) ? state : undefined;
}

function isAlive(keeper: string): boolean {
  try {
    return nameProcess(Number.parseInt(keeper)) === keeper;
  } catch {
    return false;
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}
