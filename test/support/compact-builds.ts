import { compile, compilerVersion } from '../../mirror/compile.ts';
import { makeMirror } from '../../mirror/make.ts';
import { flavours, isFlavour } from '../../mirror/tags.ts';
import type { SigningKey } from '../../mirror/usign.ts';
import { testVersions } from '../../src/shared/test-versions.ts';

const arch = 'amd64';
const built = Object.keys(flavours).filter(isFlavour);

/** Builds the compact Tailscale that tests run: in their namespaces there is no network to get its modules from. */
export async function buildCompact(): Promise<void> {
  for (const flavour of built) await compile(testVersions.latest, arch, flavour);
}

/** Makes a real mirror of these builds in the folder `out`. `name` and `key` are what routers trust. */
export async function makeCompactMirror(out: string, name: string, key: SigningKey): Promise<void> {
  await makeMirror(
    {
      out,
      name,
      keys: [key],
      versions: [testVersions.latest],
      archs: [arch],
      flavours: built,
      date: new Date().toISOString().slice(0, 10),
      compiler: await compilerVersion()
    },
    compile
  );
}
