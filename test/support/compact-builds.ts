import { compile } from '../../mirror/compile.ts';
import { flavours, isFlavour } from '../../mirror/tags.ts';
import { testVersions } from '../../src/shared/test-versions.ts';

/** Builds the compact Tailscale that tests run: in their namespaces there is no network to get its modules from. */
export async function buildCompact(): Promise<void> {
  for (const flavour of Object.keys(flavours).filter(isFlavour))
    await compile(testVersions.latest, 'amd64', flavour);
}
