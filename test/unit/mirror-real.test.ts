import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync
} from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ensurePrograms } from '../../dev/setup/debian.ts';
import { testVersions } from '../../src/shared/test-versions.ts';
import { compile } from '../../mirror/compile.ts';
import { makeImage } from '../../mirror/image.ts';
import { missingPaths } from '../../mirror/tags.ts';

/** A real compact build for this machine: it runs, also from its image, and lacks what the table says. */

const version = testVersions.latest;
const binary = await compile(version, 'amd64', 'compact');
const folder = mkdtempSync(join(tmpdir(), 'real-'));
const tailscaled = join(folder, 'tailscaled');
copyFileSync(binary, tailscaled);
chmodSync(tailscaled, 0o755);
symlinkSync('tailscaled', join(folder, 'tailscale'));

const test = suite('a compact build');
test.after(() => {
  rmSync(folder, { recursive: true });
});

test('is small, and the daemon and the command line in one', () => {
  const { size } = statSync(binary);
  assert.ok(size < 20.5e6, `${size} bytes`);
  for (const args of [
    ['tailscaled', '--version'],
    ['tailscale', 'version']
  ]) {
    const [name = '', ...rest] = args;
    const shown = execFileSync(join(folder, name), rest, { encoding: 'utf8' });
    assert.is(shown.split('\n')[0], version);
  }
  // What the agent has the command line do.
  const { stderr } = spawnSync(join(folder, 'tailscale'), ['netcheck', '--help'], { encoding: 'utf8' });
  assert.match(stderr, /tailscale netcheck/);
});

test('has small buffers, and large ones for what comes at once', () => {
  const text = readFileSync(binary, 'latin1');
  assert.match(text, '=>\t./wireguard-go\t(devel)');
  assert.match(text, 'batching.(*linuxBatchingConn).splitLarge');
});

await ensurePrograms(['mksquashfs']);
const image = join(folder, 'image');
await makeImage(tailscaled, image);
const mounted = join(folder, 'mounted');
mkdirSync(mounted);
const mount = spawnSync('mount', ['-t', 'squashfs', '-o', 'loop,ro', image, mounted], { encoding: 'utf8' });
if (mount.status === 0) {
  test('runs from its image', () => {
    try {
      const { size } = statSync(image);
      assert.ok(size < 7.7e6, `${size} bytes`);
      const shown = execFileSync(join(mounted, 'tailscale'), ['version'], { encoding: 'utf8' });
      assert.is(shown.split('\n')[0], version);
      assert.is(spawnSync('touch', [join(mounted, 'x')]).status, 1);
    } finally {
      execFileSync('umount', [mounted]);
    }
  });
} else {
  console.log(`skipped: an image cannot be mounted here: ${mount.stderr.trim()}`);
}

/** What the agent calls, and what its issues are to call; the paths of others' methods answer 405. */
const needed = [
  'dns-config',
  'dns-query?name=a&type=A',
  'derpmap',
  'file-targets',
  'files/',
  'login-interactive',
  'logout',
  'logtap',
  'ping',
  'prefs',
  'profiles/',
  'profiles/current',
  'start',
  'status?peers=false',
  'suggest-exit-node',
  'tka/status',
  'usermetrics',
  'watch-ipn-bus',
  'whois?addr=100.64.0.1'
];

test('has the LocalAPI that the agent needs, and lacks what the table says', async () => {
  const socket = join(folder, 'socket');
  const args = ['--tun=userspace-networking', '--state=mem:', '--statedir', folder, '--socket', socket];
  const daemon = spawn(tailscaled, args, {
    stdio: 'ignore',
    env: { ...process.env, TS_NO_LOGS_NO_SUPPORT: '1' }
  });
  const ended = once(daemon, 'close');
  try {
    const deadline = Date.now() + 20_000;
    while (!existsSync(socket) && Date.now() < deadline) await sleep(50);
    const missing: string[] = [];
    for (const path of needed) if ((await answerTo(socket, path)) === 404) missing.push(path);
    assert.equal(
      missing.filter((path) => !path.startsWith('whois')),
      []
    );
    const there: string[] = [];
    for (const path of missingPaths('compact')) {
      const status = await answerTo(socket, path.endsWith('/') ? `${path}x` : path);
      if (status !== 404) there.push(`${path}: ${status}`);
    }
    assert.equal(there, []);
  } finally {
    daemon.kill();
    await ended;
  }
});

test.run();

/** The status that LocalAPI answers with. */
async function answerTo(socketPath: string, path: string): Promise<number> {
  const host = 'local-tailscaled.sock';
  const request = get({ socketPath, host, path: `/localapi/v0/${path}`, headers: { Host: host } });
  const [{ statusCode = 0 }] = (await once(request, 'response')) as [{ statusCode?: number }];
  request.destroy();
  return statusCode;
}
