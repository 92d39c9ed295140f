import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ArchKey } from '../../src/shared/arch.ts';
import type { KeptSizes } from '../../src/shared/sizes.ts';
import { cacheDir, makeOnce } from '../setup/cache.ts';
import type { TailscaleBinaries } from '../setup/go.ts';
import { keptSize } from './kept-size.ts';
import { endOfArchive, padding, ustarHeader } from './ustar.ts';

/** An archive as the download server offers it. */
export interface Archive {
  version: string;
  arch: ArchKey;
  /** The server's name for it: `tailscale_1.102.5_amd64.tgz`. */
  name: string;
  path: string;
  /** 64 hexadecimal digits. */
  sha256: string;
  /** Bytes of the file. */
  size: number;
  kept: KeptSizes;
}

/**
 * The archive that Tailscale would publish for these two binaries (which may be anything): layout, order and
 * owners as release/dist/unixpkgs writes them. The same input is packed once.
 */
export async function officialArchive(
  version: string,
  arch: ArchKey,
  binaries: TailscaleBinaries
): Promise<Archive> {
  const contents = await Promise.all([sha256(binaries.tailscaled), sha256(binaries.tailscale)]);
  const folder = `tailscale_${version}_${arch}`;
  const key = createHash('sha256')
    .update([folder, ...contents].join())
    .digest('hex')
    .slice(0, 16);
  const target = join(cacheDir('archives', key), `${folder}.tgz`);
  const path = await makeOnce(target, (unfinished) =>
    pipeline(tar(folder, binaries), createGzip(), createWriteStream(unfinished))
  );
  return describeArchive(path, version, arch, {
    tailscaled: await keptSize(binaries.tailscaled),
    tailscale: await keptSize(binaries.tailscale)
  });
}

/** What a server tells of the archive file at `path`. */
export async function describeArchive(
  path: string,
  version: string,
  arch: ArchKey,
  kept: KeptSizes
): Promise<Archive> {
  const { size } = await stat(path);
  return { version, arch, name: basename(path), path, sha256: await sha256(path), size, kept };
}

async function* tar(folder: string, binaries: TailscaleBinaries): AsyncGenerator<Buffer> {
  yield ustarHeader({ name: `${folder}/`, type: 'directory' });
  for (const name of ['tailscaled', 'tailscale'] as const) {
    const { size } = await stat(binaries[name]);
    yield ustarHeader({ name: `${folder}/${name}`, size });
    yield* createReadStream(binaries[name]) as AsyncIterable<Buffer>;
    yield padding(size);
  }
  yield ustarHeader({ name: `${folder}/systemd/`, type: 'directory' });
  for (const name of systemdFiles) {
    const content = Buffer.from(`# ${name}\n`);
    yield ustarHeader({ name: `${folder}/systemd/${name}`, size: content.length, mode: 0o644 });
    yield content;
    yield padding(content.length);
  }
  yield endOfArchive();
}

const systemdFiles = [
  'tailscaled.service',
  'tailscaled.defaults',
  'tailscale-online.target',
  'tailscale-wait-online.service'
] as const;

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
