import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mirrorServer, type Desk } from '../../dev/router/desk.ts';
import type { OpenWrt } from '../../dev/router/router.ts';
import { compile, compilerVersion } from '../../mirror/compile.ts';
import { makeMirror } from '../../mirror/make.ts';
import { newKeyPair, readSecretKey } from '../../mirror/usign.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
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
  const builds = {
    versions: [testVersions.latest],
    archs: ['amd64'],
    flavours: ['compact', 'compact-ssh'] as const
  };
  const date = new Date().toISOString().slice(0, 10);
  const compiler = await compilerVersion();
  await makeMirror({ out, name: mirrorServer, keys: [key], date, compiler, ...builds }, compile);
  return serveFolder(out, { host: internet.address, port, name: mirrorServer, authority });
}

/** Makes the router know and trust the mirror, and nothing else. */
export async function trustCompactMirror(router: OpenWrt): Promise<void> {
  await router.write(`etc/tailscale-ram/keys/${key.fingerprint}`, key.publicKey);
  await router.uci('add_list', `tailscale-ram.main.mirror=https://${mirrorServer}:${port}`);
  await router.uci('commit', 'tailscale-ram');
}
