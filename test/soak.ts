import { fileURLToPath } from 'node:url';
import { findRootfs, noRootfs } from '../dev/router/rootfs.ts';
import { headscaleBinary, tailscaleBinaries, testcontrolBinary } from '../dev/setup/go.ts';
import { testVersions } from '../src/shared/test-versions.ts';
import { buildCompact } from './support/compact-builds.ts';
import { spawnIsolated } from './support/isolated.ts';

/**
 * `npm run soak [-- FILE …]`: the router suite's scenarios that wait, each as long as a user's router may have to:
 * flash idle for ten minutes, a WAN after two, an hour without an Internet, a daemon killed ten times and restarted a
 * hundred, a change that nobody confirms, an exit node that comes and goes fifty times, a router of 64 MB busy for an
 * hour. Files and releases run at once, because they wait most of the time. And every way through the router, under every
 * policy after every event; and all that a kill switch has to stand.
 */

const waiting = [
  'agent-confirm',
  'agent-life',
  'agent-login',
  'agent-many-peers',
  'boot',
  'broken-script',
  'compact-memory',
  'compact-switches',
  'exit-node',
  'flash',
  'kill-switch',
  'procd',
  'ways'
];
/** Last, and each run of them alone: two have much to do all the time, the last one measures milliseconds. */
const alone = ['ways', 'kill-switch', 'agent-many-peers'];
const asked = process.argv.slice(2);
const wanted = asked.length > 0 ? asked : waiting;

// In their namespaces there is no network to get these from.
await tailscaleBinaries(testVersions.latest);
await tailscaleBinaries(testVersions.older);
await headscaleBinary();
await testcontrolBinary();
await buildCompact();
const roots = await findRootfs();
if (roots.length === 0) console.log(`skipped: ${noRootfs}`);
const together = wanted.filter((name) => !alone.includes(name));
const runs = roots.flatMap(({ tree }) => together.map((name) => soak(name, tree)));
const passed = await Promise.all(runs);
for (const name of alone.filter((each) => wanted.includes(each)))
  for (const { tree } of roots) passed.push(await soak(name, tree));
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
