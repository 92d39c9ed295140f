import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { keptSize } from '../dev/mirror/kept-size.ts';
import { sha256Of } from './archive.ts';
import { isSigned, rootKeys, signingKeys } from './distsign.ts';
import { indexOf, type Listed } from './index.ts';
import { publish, publishMade } from './publish.ts';

/** Where Tailscale's own archives come from. */
export interface Upstream {
  /** Without a slash at its end. */
  server: string;
  /** As in `rootKeys`. */
  roots: readonly string[];
}

export const tailscaleServer: Upstream = { server: 'https://pkgs.tailscale.com', roots: rootKeys };

/**
 * Takes a stable version's archives into `out`, which then is served as the server they come from is: archives,
 * checksums, signatures, and an index that knows their sizes in RAM. Throws one line, and takes no more, where
 * one is missing or its signature does not verify.
 */
export async function takeOfficial(
  out: string,
  version: string,
  archs: readonly string[],
  { server, roots }: Upstream = tailscaleServer
): Promise<void> {
  const bundle = await download(`${server}/distsign.pub`, 2 ** 20);
  const bundleSignature = await download(`${server}/distsign.pub.sig`, signatureBytes);
  const keys = signingKeys(bundle, bundleSignature, roots);
  const listed: Listed[] = [];
  for (const arch of archs) {
    const file = `tailscale_${version}_${arch}.tgz`;
    const url = `${server}/stable/${file}`;
    const signature = await download(`${url}.sig`, signatureBytes);
    await publishMade(out, `stable/${file}`, async (unfinished) => {
      await downloadTo(url, unfinished);
      if (await isSigned(unfinished, signature, keys)) return;
      await rm(unfinished);
      throw new Error(`${url} is not what Tailscale has signed`);
    });
    const path = join(out, 'stable', file);
    const { size } = await stat(path);
    const kept = await keptSizes(path, `tailscale_${version}_${arch}`);
    await publishMade(out, `stable/${file}.sig`, (unfinished) => writeFile(unfinished, signature));
    await publish(out, `stable/${file}.sha256`, await sha256Of(path));
    await publish(out, `stable/${file}.size`, `${kept.tailscaled} ${kept.tailscale} ${size}\n`);
    listed.push({ arch, file, sizes: { ...kept, archive: size } });
  }
  await publishMade(out, 'distsign.pub', (unfinished) => writeFile(unfinished, bundle));
  await publishMade(out, 'distsign.pub.sig', (unfinished) => writeFile(unfinished, bundleSignature));
  await publish(out, 'stable/index.html', indexOf(version, listed));
}

const signatureBytes = 64;
/** As upstream's own client has it. */
const largestArchive = 2 ** 29;

async function keptSizes(
  archive: string,
  folder: string
): Promise<{ tailscaled: number; tailscale: number }> {
  const work = await mkdtemp(join(tmpdir(), 'official-'));
  try {
    const members = ['tailscaled', 'tailscale'].map((name) => `${folder}/${name}`);
    await promisify(execFile)('tar', ['-xzf', archive, '-C', work, ...members]);
    return {
      tailscaled: await keptSize(join(work, folder, 'tailscaled')),
      tailscale: await keptSize(join(work, folder, 'tailscale'))
    };
  } finally {
    await rm(work, { recursive: true });
  }
}

async function download(url: string, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await open(url, most)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function downloadTo(url: string, path: string): Promise<void> {
  await pipeline(await open(url, largestArchive), createWriteStream(path));
}

/** The body of an answer, which ends with an error if it is larger than `most` bytes. */
async function open(url: string, most: number): Promise<AsyncIterable<Buffer>> {
  const answer = await fetch(url).catch((error: unknown) => {
    const { cause } = error as { cause?: Error };
    throw new Error(`${url} cannot be reached: ${cause?.message ?? String(error)}`, { cause: error });
  });
  if (!answer.ok || !answer.body) throw new Error(`${url} answers ${answer.status}`);
  return limited(Readable.fromWeb(answer.body), url, most);
}

async function* limited(chunks: AsyncIterable<Buffer>, url: string, most: number): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > most) throw new Error(`${url} is larger than ${most} bytes`);
    yield chunk;
  }
}
