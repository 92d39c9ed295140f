import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { suite } from 'uvu';
import { Desk } from '../../dev/router/desk.ts';
import { whyUnusable } from '../../dev/router/requirements.ts';
import { findRootfs, noRootfs, type Rootfs } from '../../dev/router/rootfs.ts';
import type { OpenWrt, OpenWrtOptions } from '../../dev/router/router.ts';
import type { Release } from '../../dev/mirror/release-index.ts';

/** What the scenarios of one release share: a desk, and on it a router, which is off at first. */
export interface Bench {
  readonly desk: Desk;
  /** There once the scenarios run. */
  readonly router: OpenWrt;
  /** What the router is made of. */
  readonly rootfs: Rootfs;
  /** One more router, off; taken away with the other one. */
  addRouter(rootfs: Rootfs, options: Partial<OpenWrtOptions>): Promise<OpenWrt>;
  /** Has something done once all scenarios of this release have run, however they went. */
  atEnd(clean: () => Promise<void>): void;
}

/** Adds a scenario; they run one after the other, each on the router as the one before left it. */
export type Scenario = (name: string, run: () => Promise<void>) => void;

/**
 * Runs the scenarios on each release of OpenWrt that `releasesToTest` names. `releases` is what the download server
 * offers at first: the latest unless told.
 */
export async function onEachRelease(
  topic: string,
  define: (scenario: Scenario, bench: Bench) => void,
  releases?: readonly Release[]
): Promise<void> {
  const found = await releasesToTest();
  if (found.length === 0) return;
  const desk = await Desk.open(releases);
  for (const rootfs of found) {
    const test = suite(`OpenWrt ${rootfs.release}: ${topic}`);
    let router: OpenWrt | undefined;
    const more: OpenWrt[] = [];
    const cleaners: (() => Promise<void>)[] = [];
    const bench: Bench = {
      desk,
      rootfs,
      async addRouter(...args) {
        const one = await desk.addRouter(...args);
        more.push(one);
        return one;
      },
      atEnd: (clean) => cleaners.push(clean),
      get router() {
        if (!router) throw new Error('the router is there once the scenarios run');
        return router;
      }
    };
    test.before(async () => {
      await desk.reset(releases);
      router = await desk.addRouter(rootfs);
    });
    test.after(async () => {
      for (const clean of cleaners) await clean();
      for (const one of [router, ...more]) await one?.remove();
      if (rootfs === found.at(-1)) await desk.close();
    });
    define((name, run) => {
      test(name, () => explained(() => [bench.router, ...more], run));
    }, bench);
    test.run();
  }
}

/**
 * What this test file is to run on: every release of OpenWrt at hand on which the package can be installed, or of
 * several, one, in turn, unless EVERY_RELEASE is set: they differ less than their time is worth. Says in one line
 * each what it skips.
 */
export async function releasesToTest(): Promise<Rootfs[]> {
  const all = await findRootfs();
  if (all.length === 0) console.log(`skipped: ${noRootfs}`);
  const usable: Rootfs[] = [];
  for (const rootfs of all) {
    const problem = await whyUnusable(rootfs);
    if (problem === undefined) usable.push(rootfs);
    else console.log(`skipped: ${problem}`);
  }
  if (usable.length < 2 || process.env['EVERY_RELEASE'] !== undefined) return usable;
  const file = process.argv[1] ?? '';
  const files = readdirSync(dirname(file)).filter((name) => name.endsWith('.test.ts'));
  const turn = files.sort().indexOf(basename(file));
  return usable.filter((_, index) => index === turn % usable.length);
}

/** A failure comes with what the router logged of us, and last. */
async function explained(routers: () => readonly OpenWrt[], run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    for (const router of routers()) {
      if (!(error instanceof Error) || !router.isOn) continue;
      const script = 'logread | grep tailscale-ram: | tail -n 12; echo; logread | tail -n 40';
      const log = (await router.exec(script)).stdout;
      error.message += `\nThe router's log:\n${log.replace(/^.{11}(.{9}).{5}/gm, '$1')}`;
    }
    throw error;
  }
}
