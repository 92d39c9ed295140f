import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as assert from 'uvu/assert';
import { untilRunning } from '../../dev/router/desk.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { sleep } from '../../dev/tailnet/wait.ts';
import { onEachRelease } from '../support/router.ts';
import { isSoak } from './soak.ts';

await onEachRelease('flash', (scenario, bench) => {
  scenario('an idle router writes nothing', async () => {
    const { desk, router } = bench;
    await router.powerOn();
    await desk.install(router);
    await desk.login(router);
    // That a version has proven itself after ten minutes is written once.
    if (isSoak) await router.until('it is a good one', 700, () => router.read('etc/tailscale-ram/last-good'));
    await untilQuiet(router);
    const before = await router.flashBytesWritten();
    await sleep((isSoak ? 600 : 30) * 1000);
    assert.is((await router.flashBytesWritten()) - before, 0);
  });

  scenario('a boot writes nothing of ours', async () => {
    const { router } = bench;
    const before = await filesOnFlash(router);
    await router.reboot();
    await untilRunning(router);
    await untilQuiet(router);
    const after = await filesOnFlash(router);
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => before.get(name) !== after.get(name)
    );
    assert.equal(changed, []);
  });
});

/** Once a login, or a boot, has written what it writes. */
async function untilQuiet(router: OpenWrt): Promise<void> {
  let before = -1;
  await router.until('nothing is written to flash', 30, async () => {
    const last = before;
    before = await router.flashBytesWritten();
    await sleep(6000);
    return last === before;
  });
}

/** What each version of each file on flash can be told by, by its path. What was deleted is a device there. */
async function filesOnFlash(router: OpenWrt): Promise<Map<string, string>> {
  const folder = router.flashFolder;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const { ctimeMs, ino } = await lstat(path);
      return [relative(folder, path), entry.isCharacterDevice() ? 'deleted' : `${ctimeMs} ${ino}`] as const;
    })
  );
  return new Map(files);
}
