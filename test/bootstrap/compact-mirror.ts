import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SigningKey } from '../../mirror/usign.ts';
import type { Sandbox } from './sandbox.ts';

/** Has a router that uses a server already take compact builds from the mirror that `served` is, and trust `key`. */
export async function useCompactMirror(
  { directory, env }: Sandbox,
  served: { url: string; caFile: string },
  key: SigningKey
): Promise<void> {
  const keys = join(directory, 'flash/tailscale-ram/keys');
  await mkdir(keys);
  await writeFile(join(keys, key.fingerprint), key.publicKey);
  await appendFile(env['TSR_CA_FILE'] ?? '', await readFile(served.caFile));
  Object.assign(env, { TSR_BUILD: 'compact', TSR_MIRROR: served.url, TSR_KEYS: keys });
}
