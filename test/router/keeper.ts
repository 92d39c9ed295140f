import { fileURLToPath } from 'node:url';
import { spawnIsolated } from '../support/isolated.ts';

/** `keeper.ts ROOTFS DIRECTORY`: runs booted.ts as test/run.ts runs a test. */

const script = fileURLToPath(new URL('booted.ts', import.meta.url));
const child = spawnIsolated([process.execPath, '--import', 'tsx', script, ...process.argv.slice(2)]);
child.stdout?.pipe(process.stdout);
