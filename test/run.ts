import { availableParallelism, tmpdir } from 'node:os';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../build/build.ts';
import { lint } from '../dev/lint.ts';
import { ensurePrograms } from '../dev/setup/debian.ts';
import { headscaleBinary, tailscaleBinaries, testcontrolBinary } from '../dev/setup/go.ts';
import { testVersions } from '../src/shared/test-versions.ts';
import { buildCompact } from './support/compact-builds.ts';
import { spawnIsolated } from './support/isolated.ts';

/**
 * `npm test [-- SUITE|FILE …]`: lints, builds, and runs every test file in a process and in namespaces of its
 * own. The last line counts the tests.
 */

const here = fileURLToPath(new URL('.', import.meta.url));
const fileLimitMs = 15 * 60_000;
const suites = ['tailnet', 'bootstrap', 'unit', 'router', 'browser'];
/** Begun first, the last of them before all, so that nothing long is left for the end. */
const slowest = [
  'bootstrap/good.test.ts',
  'bootstrap/waiting.test.ts',
  'unit/take-over.test.ts',
  'bootstrap/resume.test.ts',
  'bootstrap/faults.test.ts',
  'tailnet/powercut.test.ts',
  'router/ways.test.ts',
  'router/kill-switch.test.ts',
  'router/packages.test.ts',
  'router/wan.test.ts',
  'router/agent-confirm.test.ts',
  'router/agent-life.test.ts',
  'router/power-cut.test.ts',
  'router/start.test.ts',
  'router/procd.test.ts',
  'router/firmware.test.ts',
  'router/behind.test.ts',
  'router/take-over.test.ts',
  'router/boot.test.ts'
];
/** Alone, and last: it measures milliseconds. */
const alone = 'router/agent-many-peers.test.ts';

/** A file, and where it finds the pages that it looks at, if it does. */
interface Run {
  file: string;
  site?: 'preview' | 'luci';
}

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const total: Count = { passed: 0, failed: 0, skipped: 0 };
/** Why something was skipped, and what was chosen: once is enough. */
const told = new Set<string>();
const wanted = process.argv.slice(2);
// What is asked for by name is tried on everything that is at hand.
if (wanted.length > 0) process.env['EVERY_RELEASE'] = '1';

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  console.error('The tests make network namespaces of their own: run them as root on Linux.');
  process.exit(1);
}

const missing = await ensurePrograms([
  'busybox',
  'chromium',
  'dash',
  'dnsmasq',
  'flock',
  'hexdump',
  'ip',
  'mkfs.ext4',
  'mksquashfs',
  'nft',
  'ping',
  'qemu-mipsel',
  'shellcheck',
  'shfmt',
  'signify-openbsd',
  'strace',
  'tini',
  'unshare',
  'wget'
]);
if (missing.length > 0) console.log(`Missing here: ${missing.join(', ')}. What needs them is skipped.`);

const files = await testFiles();
await build();
if (files.some((file) => !file.startsWith('unit/'))) {
  await tailscaleBinaries(testVersions.latest);
  await tailscaleBinaries(testVersions.older);
}
if (files.some((file) => /^(browser|router|tailnet)\//.test(file))) {
  await headscaleBinary();
  await testcontrolBinary();
}
if (files.some((file) => /mirror-real|compact/.test(file))) await buildCompact();

const runs = files.filter((file) => file !== alone).flatMap(runsOf);
const of = (suite: RegExp): (() => Promise<void>)[] =>
  runs.filter(({ file }) => suite.test(file)).map((each) => () => runFile(each));
const routers = of(/^router\//);
const browsers = of(/^browser\//);
const others = of(/^(?!router\/|browser\/)/);
// Early, but after the file that takes longest.
if (wanted.length === 0 || wanted.includes('lint')) others.splice(1, 0, runLint);
const processors = Math.min(availableParallelism(), 2);
await Promise.all([
  ...Array.from({ length: processors }, () => work(() => others.shift() ?? routers.shift())),
  // What a router does is mostly to wait; but one more, and some would come too late.
  ...Array.from({ length: 2 }, () => work(() => routers.shift())),
  work(() => routers.shift() ?? others.pop())
]);
// A browser takes a whole processor, and routers would come too late beside it.
await Promise.all(Array.from({ length: processors }, () => work(() => browsers.shift())));
if (files.includes(alone)) await runFile({ file: alone });
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

async function testFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const suite of suites) {
    const entries = await readdir(join(here, suite)).catch(() => []);
    found.push(...entries.filter((name) => name.endsWith('.test.ts')).map((name) => `${suite}/${name}`));
  }
  found.sort((a, b) => slowest.indexOf(b) - slowest.indexOf(a));
  if (wanted.length === 0) return found;
  return found.filter((file) => wanted.some((name) => file.startsWith(`${name}/`) || file.includes(name)));
}

async function work(next: () => (() => Promise<void>) | undefined): Promise<void> {
  for (let run = next(); run !== undefined; run = next()) await run();
}

async function runLint(): Promise<void> {
  for (const { name, problem } of await lint()) {
    console.log(problem === undefined ? `ok    lint: ${name}` : `FAIL  lint: ${name}\n${problem}`);
    total[problem === undefined ? 'passed' : 'failed']++;
  }
}

/** A browser's on the preview and in LuCI, or on one of them if the file's name or SITE in the environment says so. */
function runsOf(file: string): Run[] {
  if (!file.startsWith('browser/')) return [{ file }];
  const sites = ['preview', 'luci'] as const;
  const named = sites.find((site) => file.includes(site));
  const asked = process.env['SITE'] ?? '';
  return sites
    .filter((site) => (named ?? site) === site && (asked === '' || asked === site))
    .map((site) => ({ file, site }));
}

async function runFile({ file, site }: Run): Promise<void> {
  const started = Date.now();
  // What it leaves there, its mount points for one, goes with it.
  const temporary = await mkdtemp(join(tmpdir(), 'test-'));
  const { code, output, timedOut } = await run(join(here, file), temporary, site);
  await rm(temporary, { recursive: true });
  const count = countOf(output);
  if (timedOut || (code !== 0 && count.failed === 0)) count.failed++;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const notes = output.match(/^(?:skipped|chosen): .*$/gm) ?? [];
  const verdict = count.failed > 0 ? 'FAIL ' : 'ok   ';
  const name = site === undefined ? file : `${file} (${site})`;
  console.log(
    `${verdict} ${name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped (${seconds} s)`
  );
  for (const line of notes.filter((each) => !told.has(each))) console.log(`      ${line}`);
  for (const line of notes) told.add(line);
  if (count.failed > 0) console.log(timedOut ? `${output}\n… and it did not end within its time` : output);
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
}

function run(
  path: string,
  temporary: string,
  site?: string
): Promise<{ code: number | null; output: string; timedOut: boolean }> {
  return new Promise((resolve) => {
    const child = spawnIsolated([process.execPath, '--import', 'tsx', relative(process.cwd(), path)], {
      ...process.env,
      TMPDIR: temporary,
      ...(site !== undefined && { SITE: site })
    });
    let output = '';
    let timedOut = false;
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, fileLimitMs);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output, timedOut });
    });
  });
}

/** Reads uvu's closing lines, and one `skipped:` line for each suite that could not run. */
function countOf(output: string): Count {
  const sum = (word: string): number =>
    [...output.matchAll(new RegExp(`^\\s+${word}:\\s+(\\d+)`, 'gm'))].reduce(
      (n, match) => n + Number(match[1]),
      0
    );
  const passed = sum('Passed');
  const skipped = sum('Skipped');
  const wholeFiles = (output.match(/^skipped: /gm) ?? []).length;
  return { passed, failed: sum('Total') - passed, skipped: skipped + wholeFiles };
}
