import { fileURLToPath } from 'node:url';
import { findRootfs, noRootfs } from '../dev/router/rootfs.ts';
import { headscaleBinary, tailscaleBinaries, testcontrolBinary } from '../dev/setup/go.ts';
import { testVersions } from '../src/shared/versions.ts';
import { spawnIsolated } from './support/isolated.ts';

/**
 * `npm run soak [-- FILE …]`: the router suite's scenarios that wait, each as long as a user's router may have to:
 * flash idle for ten minutes, a WAN after two, an hour without an Internet, a daemon killed ten times and restarted a
 * hundred, a change that nobody confirms. Files and releases run at once, because they wait most of the time.
 */

const waiting = ['agent-confirm', 'agent-life', 'agent-login', 'agent-many-peers', 'boot', 'flash', 'procd'];
/** Last, and each run of it alone: it measures milliseconds. */
const alone = 'agent-many-peers';
const asked = process.argv.slice(2);
const wanted = asked.length > 0 ? asked : waiting;

// In their namespaces there is no network to get these from.
await tailscaleBinaries(testVersions.latest);
await headscaleBinary();
await testcontrolBinary();
const roots = await findRootfs();
if (roots.length === 0) console.log(`skipped: ${noRootfs}`);
const together = wanted.filter((name) => name !== alone);
const runs = roots.flatMap(({ tree }) => together.map((name) => soak(name, tree)));
const passed = await Promise.all(runs);
if (wanted.includes(alone)) for (const { tree } of roots) passed.push(await soak(alone, tree));
process.exitCode = passed.every((each) => each) ? 0 : 1;

/** Whether all of it passed. */
function soak(name: string, tree: string): Promise<boolean> {
  const file = fileURLToPath(new URL(`router/${name}.test.ts`, import.meta.url));
  const env = { ...process.env, TSR_SOAK: '1', OPENWRT_ROOTFS: tree };
  const child = spawnIsolated([process.execPath, '--import', 'tsx', file], env);
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
