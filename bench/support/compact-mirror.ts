import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readManifest, type Build } from '../../mirror/manifest.ts';
import { newKeyPair, readSecretKey, type SigningKey } from '../../mirror/usign.ts';
import { makeCompactMirror } from '../../test/support/compact-builds.ts';
import { serveFolder } from '../../test/support/folder-server.ts';

/** A real mirror of the compact build for this machine. */
export interface CompactMirror {
  url: string;
  caFile: string;
  key: SigningKey;
  image: Build;
  close: () => Promise<void>;
}

/** In a folder that goes with the bench's namespaces, however it ends. */
export async function openCompactMirror(): Promise<CompactMirror> {
  const name = 'mirror.example';
  const key = readSecretKey(newKeyPair(name).secretKey);
  const out = '/run/compact-mirror';
  await mkdir(out);
  await makeCompactMirror(out, name, key);
  const manifest = readManifest(await readFile(join(out, 'manifest'), 'utf8'));
  const image = manifest.builds.find(({ flavour, form }) => flavour === 'compact' && form === 'image');
  if (!image) throw new Error('the mirror has no image');
  const server = await serveFolder(out);
  return {
    url: server.url,
    caFile: server.caFile,
    key,
    image,
    close: () => server.close()
  };
}
