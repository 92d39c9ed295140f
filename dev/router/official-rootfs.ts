import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cacheDir, makeOnce } from '../setup/cache.ts';

/** Where an official root file system is, and the checksum published for it. */
export interface OfficialRootfs {
  url: string;
  sha256: string;
}

/** By release. */
export const officialRootfs: Readonly<Partial<Record<string, OfficialRootfs>>> = {
  '25.12': official('25.12.0', '11c2f26b9d48c02cbdb3b63d499e1f6413ed62bcdbbea78937b12279b95acb1e'),
  '24.10': official('24.10.7', '862c25809a12356bdc051d144f53a4ebb6494bd0239a19e8c54cd9160db89b21')
};

/**
 * Downloads one into the folder where `findRootfs` looks, once. Throws one line, and leaves nothing there, where
 * its server cannot be reached and when it is not what its checksum says.
 */
export async function downloadRootfs({ url, sha256 }: OfficialRootfs): Promise<void> {
  const name = basename(url);
  await makeOnce(join(cacheDir('rootfs'), name), async (path) => {
    console.error(`Downloading ${url}, once …`);
    try {
      const actual = await download(url, path);
      if (actual !== sha256) throw new Error(`its sha256 is ${actual}, not ${sha256}`);
    } catch (error) {
      await rm(path, { force: true });
      throw new Error(`${name} could not be downloaded: ${reason(error)}`, { cause: error });
    }
  });
}

/** Returns the sha256 of what has come. */
async function download(url: string, path: string): Promise<string> {
  const { ok, status, body } = await fetch(url, { signal: AbortSignal.timeout(10 * 60_000) });
  if (!ok || !body) throw new Error(`HTTP status ${status}`);
  const hash = createHash('sha256');
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    }
  });
  await pipeline(body, hashed, createWriteStream(path));
  return hash.digest('hex');
}

/** What fetch says lies in the cause of its error. */
function reason(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

function official(version: string, sha256: string): OfficialRootfs {
  const folder = `https://downloads.openwrt.org/releases/${version}/targets/x86/64`;
  return { url: `${folder}/openwrt-${version}-x86-64-rootfs.tar.gz`, sha256 };
}
