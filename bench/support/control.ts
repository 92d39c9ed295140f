import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority } from '../../dev/mirror/certificates.ts';
import { headscaleBinary } from '../../dev/setup/go.ts';
import { Headscale } from '../../dev/tailnet/headscale.ts';
import { Internet } from '../../dev/tailnet/namespaces.ts';

/** An Internet with nothing in it but a control server. */
export interface Control {
  internet: Internet;
  /** For files, in memory. */
  directory: string;
  caFile: string;
  headscale: Headscale;
  /** For `tailscale up --auth-key`; reusable. */
  authKey: string;
}

/** To be called in namespaces of one's own, once. `directory` is new. */
export async function openControl(directory: string): Promise<Control> {
  const internet = await Internet.open();
  await mkdir(directory);
  const authority = await createAuthority();
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, authority.certificate);
  const host = await internet.addHost('control');
  const headscale = await Headscale.start(
    host,
    await headscaleBinary(),
    authority,
    join(directory, 'headscale')
  );
  const authKey = await headscale.preauthKey(await headscale.createUser('anna'));
  return { internet, directory, caFile, headscale, authKey };
}
