import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDir } from '../../dev/setup/cache.ts';

/**
 * A cache folder for `XDG_CACHE_HOME` that shares what is expensive with the real one, but not the router that
 * somebody may keep: the commands in a test find only the test's.
 */
export class OwnCache {
  readonly #path = mkdtempSync(join(tmpdir(), 'cache-'));

  /** With the root file systems of the real one unless told. */
  constructor({ rootfs = true } = {}) {
    mkdirSync(join(this.#path, 'tailscale-ram'));
    for (const name of ['go', 'archives', ...(rootfs ? ['rootfs', 'rootfs-unpacked'] : [])])
      symlinkSync(cacheDir(name), join(this.#path, 'tailscale-ram', name));
  }

  /** The folder in which they keep things. */
  get folder(): string {
    return join(this.#path, 'tailscale-ram');
  }

  /** What programs need in their environment to use it. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, XDG_CACHE_HOME: this.#path };
  }

  remove(): void {
    rmSync(this.#path, { recursive: true });
  }
}
