import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Authority } from '../mirror/certificates.ts';
import { testcontrolBinary } from '../setup/go.ts';
import type { Host } from './namespaces.ts';
import { waitFor } from './wait.ts';

/** A control server that takes any node at once, and gives it as many peers as wanted; and a relay. */
export class Testcontrol {
  /** What nodes take as `--login-server`. */
  readonly url: string;
  readonly #orders: string;

  /** `directory` is for its certificate and its log. */
  static async start(host: Host, authority: Authority, directory: string): Promise<Testcontrol> {
    const file = (name: string) => join(directory, name);
    const binary = await testcontrolBinary();
    const { certificate, key } = await authority.issue([host.address]);
    await mkdir(directory, { recursive: true });
    await writeFile(file('certificate.pem'), certificate);
    await writeFile(file('key.pem'), key, { mode: 0o600 });
    const files = ['-cert', file('certificate.pem'), '-key', file('key.pem')];
    host.spawn([binary, '-host', host.address, ...files], { log: file('log') });
    const server = new Testcontrol(host.address);
    await waitFor('testcontrol answers', 10, async () => {
      await server.givePeers(0);
      return true;
    });
    return server;
  }

  private constructor(address: string) {
    this.url = `https://${address}`;
    this.#orders = `http://${address}`;
  }

  /** From now on every node has this many peers, of which about twenty change so many times a second. */
  async givePeers(count: number, changesPerSecond = 0): Promise<void> {
    await this.#order(`peers=${count}&changes=${changesPerSecond}&relay=true`);
  }

  /** From now on every node is alone, and there is no relay either. */
  async giveNothing(): Promise<void> {
    await this.#order('peers=0&changes=0&relay=false');
  }

  /** From now on every node waits for its approval. */
  async wantApproval(): Promise<void> {
    await this.#order('peers=0&changes=0&relay=true&unapproved=true');
  }

  async #order(query: string): Promise<void> {
    const { ok } = await fetch(`${this.#orders}/?${query}`, { method: 'POST' });
    if (!ok) throw new Error(`testcontrol refuses ${query}`);
  }
}
