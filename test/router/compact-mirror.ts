import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mirrorServer, type Desk } from '../../dev/router/desk.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { newKeyPair, readSecretKey } from '../../mirror/usign.ts';
import { makeCompactMirror } from '../support/compact-builds.ts';
import { serveFolder } from '../support/folder-server.ts';

const port = 8443;
const key = readSecretKey(newKeyPair(mirrorServer).secretKey);

/** Makes a real mirror of the latest version, and serves it. */
export async function serveCompactMirror({
  authority,
  directory,
  internet
}: Desk): Promise<{ close: () => Promise<void> }> {
  const out = join(directory, 'compact');
  await mkdir(out, { recursive: true });
  await makeCompactMirror(out, mirrorServer, key);
  return serveFolder(out, { host: internet.address, port, name: mirrorServer, authority });
}

/** Makes the router know and trust the mirror, and nothing else. */
export async function trustCompactMirror(router: OpenWrt): Promise<void> {
  await router.write(`etc/tailscale-ram/keys/${key.fingerprint}`, key.publicKey);
  await router.uci('add_list', `tailscale-ram.main.mirror=https://${mirrorServer}:${port}`);
  await router.uci('commit', 'tailscale-ram');
}
