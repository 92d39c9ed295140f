import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findRootfs, noRootfs } from '../dev/router/rootfs.ts';
import { headscaleBinary, tailscaleBinaries } from '../dev/setup/go.ts';
import { testVersions } from '../src/shared/versions.ts';
import { spawnIsolated } from './support/isolated.ts';

/**
 * `npm run soak [-- FILE …]`: the router suite's scenarios that wait, each as long as a user's router may have to:
 * flash idle for ten minutes, a WAN after two, an hour without an Internet, a daemon killed ten times. All files
 * and releases run at once, because they wait most of the time.
 */

const waiting = ['boot', 'flash', 'procd'];
const wanted = process.argv.slice(2);
const folder = fileURLToPath(new URL('router/', import.meta.url));
const files = (await readdir(folder)).filter((file) =>
  (wanted.length > 0 ? wanted : waiting).includes(file.replace(/\.test\.ts$/, ''))
);

// In their namespaces there is no network to get these from.
await tailscaleBinaries(testVersions.latest);
await headscaleBinary();
const roots = await findRootfs();
if (roots.length === 0) console.log(`skipped: ${noRootfs}`);
const runs = roots.flatMap(({ tree }) => files.map((file) => soak(file, tree)));
process.exitCode = (await Promise.all(runs)).every((passed) => passed) ? 0 : 1;

/** Whether all of it passed. */
function soak(file: string, tree: string): Promise<boolean> {
  const env = { ...process.env, TSR_SOAK: '1', OPENWRT_ROOTFS: tree };
  const child = spawnIsolated([process.execPath, '--import', 'tsx', folder + file], env);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      console.log(output);
      resolve(code === 0);
    });
  });
}
