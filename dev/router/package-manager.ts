import type { Result } from '../tailnet/command.ts';
import type { OpenWrt } from './router.ts';

/** opkg (24.10) or apk (25.12 and later), as a user of the router calls it. */
export class PackageManager {
  readonly kind: 'opkg' | 'apk';
  readonly #router: OpenWrt;

  static async of(router: OpenWrt): Promise<PackageManager> {
    const { code } = await router.exec('command -v apk');
    return new PackageManager(router, code === 0 ? 'apk' : 'opkg');
  }

  private constructor(router: OpenWrt, kind: 'opkg' | 'apk') {
    this.#router = router;
    this.kind = kind;
  }

  /** Installs a file of this machine, or upgrades to it. */
  async install(file: string): Promise<Result> {
    const name = `/tmp/package.${this.kind === 'apk' ? 'apk' : 'ipk'}`;
    await this.#router.copy(file, name);
    const command =
      this.kind === 'apk' ? ['apk', 'add', '--allow-untrusted', name] : ['opkg', 'install', name];
    const result = await this.#router.exec(command, { timeout: 60 });
    await this.#router.exec(['rm', name]);
    return result;
  }

  async remove(name: string): Promise<Result> {
    const command = this.kind === 'apk' ? ['apk', 'del', name] : ['opkg', 'remove', name];
    return await this.#router.exec(command, { timeout: 60 });
  }
}
