import { suite } from 'uvu';
import { findApk } from '../../build/apk.ts';
import { Desk } from '../../dev/router/desk.ts';
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
}

/** Adds a scenario; they run one after the other, each on the router as the one before left it. */
export type Scenario = (name: string, run: () => Promise<void>) => void;

/**
 * Runs the scenarios on each release of OpenWrt that is at hand; says in one line what it skips.
 * `releases` is what the download server offers at first: the latest unless told.
 */
export async function onEachRelease(
  topic: string,
  define: (scenario: Scenario, bench: Bench) => void,
  releases?: readonly Release[]
): Promise<void> {
  const found = (await findRootfs()).filter(isUsable);
  if (found.length === 0) {
    console.log(`skipped: ${noRootfs}`);
    return;
  }
  const desk = await Desk.open(releases);
  for (const rootfs of found) {
    const test = suite(`OpenWrt ${rootfs.release}: ${topic}`);
    let router: OpenWrt | undefined;
    const more: OpenWrt[] = [];
    const bench: Bench = {
      desk,
      rootfs,
      async addRouter(...args) {
        const one = await desk.addRouter(...args);
        more.push(one);
        return one;
      },
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
      for (const one of [router, ...more]) await one?.remove();
      if (rootfs === found.at(-1)) await desk.close();
    });
    define((name, run) => {
      test(name, () => explained(bench.router, run));
    }, bench);
    test.run();
  }
}

/** Where packages are .apk files, making one takes apk-tools 3. */
function isUsable({ release }: Rootfs): boolean {
  if (release === '24.10' || findApk()) return true;
  console.log(
    `skipped: OpenWrt ${release}: no apk-tools 3 as \`apk\`, or named by the environment variable APK`
  );
  return false;
}

/** A failure comes with what the router logged of us. */
async function explained(router: OpenWrt, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error && router.isOn) {
      const log = (await router.exec('logread | grep tailscale-ram: | tail -n 12')).stdout;
      error.message += `\nThe router's log:\n${log.replace(/^.{25}/gm, '')}`;
    }
    throw error;
  }
}
