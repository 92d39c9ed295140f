import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { buildApk, findApk } from '../../build/apk.ts';
import { buildIpk } from '../../build/ipk.ts';
import { gzip } from '../../build/tar.ts';
import { succeed } from '../tailnet/command.ts';
import type { PackageManager } from './package-manager.ts';
import type { OpenWrt } from './router.ts';

/** A feed of packages, served over HTTP as OpenWrt's are, for one kind of package manager. */
export class Feed {
  /** The names of the packages that were fetched. */
  readonly fetched: string[] = [];
  /** What every answer waits for. */
  #open = Promise.resolve();
  readonly #directory: string;
  readonly #server: Server;
  readonly #kind: PackageManager['kind'];

  /** `packages` maps each name to the files that are in it: paths without a leading slash, and their content. */
  static async open(
    address: string,
    directory: string,
    kind: PackageManager['kind'],
    packages: Readonly<Record<string, Readonly<Record<string, string>>>>
  ): Promise<Feed> {
    await mkdir(directory, { recursive: true });
    const names: string[] = [];
    for (const [name, files] of Object.entries(packages)) {
      names.push(await writePackage(directory, kind, name, files));
    }
    await (kind === 'apk' ? writeApkIndex(directory, names) : writeOpkgIndex(directory, names));
    const feed = new Feed(directory, kind);
    feed.#server.listen(0, address);
    await once(feed.#server, 'listening');
    // Whoever forgets to close it can end nevertheless.
    feed.#server.unref();
    return feed;
  }

  private constructor(directory: string, kind: PackageManager['kind']) {
    this.#directory = directory;
    this.#kind = kind;
    this.#server = createServer((request, response) => {
      const name = basename(request.url ?? '');
      const content = this.#open.then(() => readFile(join(directory, name)));
      void content.then(
        (bytes) => {
          if (/\.[ai]pk$/.test(name)) this.fetched.push(name.replace(/[-_]1[._].*/, ''));
          response.end(bytes);
        },
        () => response.writeHead(404).end()
      );
    });
  }

  /** From now on it answers nobody, until what this returns is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.#open = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  /** Makes it the only feed of a router, which trusts it. */
  async offerTo(router: OpenWrt): Promise<void> {
    const { address, port } = this.#server.address() as AddressInfo;
    const url = `http://${address}:${port}`;
    if (this.#kind === 'apk') {
      await router.write('etc/apk/repositories.d/distfeeds.list', `${url}/packages.adb\n`);
      await router.copy(join(this.#directory, 'key.pub'), 'etc/apk/keys/feed.pem');
    } else {
      await router.write('etc/opkg/distfeeds.conf', `src/gz feed ${url}\n`);
      // Its key would be usign's, which only the router has.
      const config = (await router.read('etc/opkg.conf')) ?? '';
      await router.write('etc/opkg.conf', config.replace(/^option check_signature\n/m, ''));
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Returns its file's name. */
async function writePackage(
  directory: string,
  kind: PackageManager['kind'],
  name: string,
  files: Readonly<Record<string, string>>
): Promise<string> {
  const tree = join(directory, `${name}.tree`);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), content);
  }
  const [first = ''] = Object.keys(files);
  const info = {
    name,
    version: '1',
    license: 'none',
    title: name,
    description: name,
    depends: ['libc'],
    conflicts: [`not-${name}`],
    conffiles: [`/${first}`],
    postinst: '#!/bin/sh\n',
    prerm: '#!/bin/sh\n',
    postrm: '#!/bin/sh\n'
  };
  const apk = findApk();
  if (kind === 'apk' && !apk) throw new Error('no apk-tools 3: name one with the environment variable APK');
  const content = kind === 'apk' && apk ? await buildApk(apk, tree, info) : await buildIpk(tree, info);
  const file = kind === 'apk' ? `${name}-1.apk` : `${name}_1_all.ipk`;
  await writeFile(join(directory, file), content);
  return file;
}

async function writeApkIndex(directory: string, names: readonly string[]): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = join(directory, 'key');
  await writeFile(key, privateKey.export({ type: 'sec1', format: 'pem' }));
  await writeFile(`${key}.pub`, publicKey.export({ type: 'spki', format: 'pem' }));
  const files = names.map((name) => join(directory, name));
  const output = join(directory, 'packages.adb');
  await succeed([findApk() ?? '', 'mkndx', '--allow-untrusted', '--sign', key, '--output', output, ...files]);
}

async function writeOpkgIndex(directory: string, names: readonly string[]): Promise<void> {
  const entries = await Promise.all(
    names.map(async (name) => {
      const file = join(directory, name);
      const content = await readFile(file);
      const script = 'tar -xzOf "$0" ./control.tar.gz | tar -xzO ./control';
      const control = await succeed(['sh', '-c', script, file]);
      const sha256 = createHash('sha256').update(content).digest('hex');
      return `${control}Filename: ${name}\nSize: ${content.length}\nSHA256sum: ${sha256}\n`;
    })
  );
  await writeFile(join(directory, 'Packages.gz'), gzip(Buffer.from(entries.join('\n'))));
}
