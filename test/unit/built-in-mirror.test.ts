import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addMirror, readBuiltInMirror } from '../../build/built-in-mirror.ts';
import { buildFeed } from '../../build/feed.ts';
import { readPackageInfo } from '../../build/package.ts';
import { buildRoot } from '../../build/root.ts';
import { newKeyPair, readSecretKey } from '../../mirror/usign.ts';

const test = suite('a mirror built into the package');
const work = mkdtempSync(join(tmpdir(), 'built-in-'));
test.after(() => {
  rmSync(work, { recursive: true });
});

const { publicKey, secretKey } = newKeyPair('tailscale.example.org');
const { fingerprint } = readSecretKey(secretKey);
const keyFile = join(work, 'key.pub');
writeFileSync(keyFile, publicKey);

test('its address and its key are in the tree, and the key stays as its user leaves it', async () => {
  const mirror = await readBuiltInMirror(['--mirror=https://tailscale.example.org/', `--key=${keyFile}`]);
  assert.ok(mirror);
  const root = join(work, 'root');
  await buildRoot(root);
  const path = await addMirror(root, mirror);
  assert.is(path, `/etc/tailscale-ram/keys/${fingerprint}`);
  assert.is(readFileSync(join(root, path), 'utf8'), publicKey);
  assert.is(statSync(join(root, path)).mode & 0o777, 0o644);
  const config = readFileSync(join(root, 'etc/config/tailscale-ram'), 'utf8');
  assert.match(config, /\n\tlist mirror 'https:\/\/tailscale\.example\.org'\n$/);
  const info = await readPackageInfo();
  const feed = await buildFeed(root, { ...info, conffiles: [...info.conffiles, path] });
  const makefile = execFileSync('tar', ['-xzO', '--wildcards', '*/openwrt/Makefile'], { input: feed });
  assert.match(makefile.toString(), `/conffiles\n/etc/config/tailscale-ram\n${path}\nendef\n`);
});

test('without it, there is none', async () => {
  assert.is(await readBuiltInMirror([]), undefined);
  const root = join(work, 'plain');
  await buildRoot(root);
  assert.not.match(readFileSync(join(root, 'etc/config/tailscale-ram'), 'utf8'), /mirror/);
});

for (const [args, problem] of [
  [['--mirror=https://tailscale.example.org'], /^--key is missing/],
  [[`--key=${keyFile}`], /^--mirror is missing/],
  [['--mirror=http://tailscale.example.org', `--key=${keyFile}`], /^--mirror cannot be 'http:/],
  [["--mirror=https://a'b", `--key=${keyFile}`], /^--mirror cannot be/],
  [
    ['--mirror=https://tailscale.example.org', `--key=${fileURLToPath(import.meta.url)}`],
    /it is no public key's file/
  ],
  [['--mirror=https://tailscale.example.org', '--key=/nowhere'], /ENOENT/]
] as const) {
  test(`${args.join(' ')} is explained in one line, and nothing is built`, () => {
    const dist = fileURLToPath(new URL('../../dist', import.meta.url));
    const before = execFileSync('find', [dist, '-newer', keyFile, '-name', '*.ipk'], { encoding: 'utf8' });
    const build = fileURLToPath(new URL('../../build/build.ts', import.meta.url));
    const { status, stderr, stdout } = spawnSync(process.execPath, [...process.execArgv, build, ...args], {
      encoding: 'utf8'
    });
    assert.is(status, 2);
    assert.is(stdout, '');
    assert.match(stderr, problem);
    assert.is(stderr.trim().split('\n').length, 1);
    assert.is(
      execFileSync('find', [dist, '-newer', keyFile, '-name', '*.ipk'], { encoding: 'utf8' }),
      before
    );
  });
}

test.run();
