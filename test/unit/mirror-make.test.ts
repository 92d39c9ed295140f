import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ensurePrograms } from '../../dev/setup/debian.ts';
import type { Compile } from '../../mirror/compile.ts';
import { makeMirror, type Wanted } from '../../mirror/make.ts';
import { readManifest } from '../../mirror/manifest.ts';
import { newKeyPair, readSecretKey, verify } from '../../mirror/usign.ts';

/** The files of a mirror, with small stand-ins in place of Tailscale's binaries. */

const folder = mkdtempSync(join(tmpdir(), 'make-'));
const [first, second] = [1, 2].map(() => readSecretKey(newKeyPair('tailscale.example.org').secretKey));
if (first === undefined || second === undefined) throw new Error('no keys');
const wanted: Wanted = {
  out: join(folder, 'mirror'),
  name: first.name,
  keys: [first],
  versions: ['1.102.5'],
  archs: ['amd64', 'mipsle'],
  flavours: ['compact', 'compact-ssh'],
  date: '2026-11-22',
  compiler: 'go1.26.8'
};
/** Contents that pack a little, of another length each time. */
const compile: Compile = (version, arch, flavour) => {
  const path = join(folder, `${version}-${arch}-${flavour}`);
  writeFileSync(path, `${path.slice(folder.length)}\n`.repeat(10_000));
  return Promise.resolve(path);
};

const test = suite("a mirror's files");
test.after(() => {
  rmSync(folder, { recursive: true });
});

const [missing] = await ensurePrograms(['mksquashfs']);
if (missing === undefined) {
  test('are what its manifest says, and signed', async () => {
    const manifest = await makeMirror(wanted, compile);
    const text = read('manifest');
    assert.equal(readManifest(text.toString()), manifest);
    assert.is(manifest.number, 26112201);
    assert.ok(verify(text, signatureOf(first.fingerprint), read(`keys/${first.fingerprint}`).toString()));
    assert.equal(
      manifest.builds.map(({ file }) => file),
      ['amd64', 'mipsle'].flatMap((arch) =>
        ['compact', 'compact_image', 'compact-ssh', 'compact-ssh_image'].map(
          (kind) => `tailscale_1.102.5_${arch}_${kind}.tgz`
        )
      )
    );
    for (const { file, sha256, fileBytes, keptBytes } of manifest.builds) {
      const archive = read(`stable/${file}`);
      assert.is(archive.length, fileBytes);
      assert.is(createHash('sha256').update(archive).digest('hex'), sha256);
      assert.is(read(`stable/${file}.sha256`).toString(), sha256);
      assert.is(read(`stable/${file}.size`).toString(), `${keptBytes} 0 ${fileBytes}\n`);
    }
    assert.ok(read('index.html').includes('<h1>tailscale.example.org</h1>'));
    const index = JSON.parse(read('stable/index.html').toString()) as Record<string, unknown>;
    assert.is(index['TarballsVersion'], '1.102.5');
  });

  test('hold one member each: the binary, or an image of it', async () => {
    const binary = readFileSync(await compile('1.102.5', 'mipsle', 'compact-ssh'));
    const plain = unpacked('tailscale_1.102.5_mipsle_compact-ssh');
    assert.equal(readdirSync(plain), ['tailscaled']);
    assert.ok(readFileSync(join(plain, 'tailscaled')).equals(binary));
    assert.is(statSync(join(plain, 'tailscaled')).mode & 0o777, 0o755);

    const image = join(unpacked('tailscale_1.102.5_mipsle_compact-ssh_image'), 'image');
    const listed = execFileSync('unsquashfs', ['-lln', image], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' }
    });
    assert.match(listed, /^drwxr-xr-x 0\/0 .* squashfs-root$/m);
    assert.match(
      listed,
      new RegExp(`^-rwxr-xr-x 0/0 +${binary.length} 2026-01-01 .* squashfs-root/tailscaled$`, 'm')
    );
    assert.match(listed, /^lrwxrwxrwx 0\/0 .* squashfs-root\/tailscale -> tailscaled$/m);
    const about = execFileSync('unsquashfs', ['-s', image], { encoding: 'utf8' });
    assert.match(about, /Compression xz/);
    assert.match(about, /Block size 16384/);
    assert.ok(execFileSync('unsquashfs', ['-cat', image, 'tailscaled']).equals(binary));
  });

  test('are the same when they are made again elsewhere', async () => {
    const again = join(folder, 'again');
    await makeMirror({ ...wanted, out: again }, compile);
    const names = (out: string) => readdirSync(out, { recursive: true, encoding: 'utf8' }).sort();
    assert.equal(names(again), names(wanted.out));
    for (const name of names(again).filter((each) => statSync(join(again, each)).isFile()))
      assert.ok(readFileSync(join(again, name)).equals(read(name)), name);
  });

  test('are renewed: a higher number, the archives of the manifest before, the keys of now', async () => {
    const previous = readManifest(read('manifest').toString());
    const next = { ...wanted, archs: ['amd64'], flavours: ['compact'] as const, previous };
    const both = await makeMirror({ ...next, versions: ['1.104.5'], keys: [first, second] }, compile);
    assert.is(both.number, 26112202);
    assert.is(both.keys.length, 2);
    for (const { fingerprint, publicKey } of [first, second])
      assert.ok(verify(read('manifest'), signatureOf(fingerprint), publicKey));
    assert.ok(existsSync(join(wanted.out, 'stable/tailscale_1.102.5_mipsle_compact.tgz')));

    const later = { ...next, versions: ['1.104.5'], previous: both };
    const retired = [first.fingerprint];
    const one = await makeMirror({ ...later, keys: [second], retired }, compile);
    assert.equal(one.keys, [[second.fingerprint, second.publicKey.split('\n')[1]]]);
    assert.equal(one.retired, retired);
    assert.equal(readdirSync(join(wanted.out, 'keys')), [second.fingerprint]);
    assert.equal(
      readdirSync(wanted.out).filter((name) => name.endsWith('.sig')),
      [`manifest.${second.fingerprint}.sig`]
    );
    assert.equal(
      readdirSync(join(wanted.out, 'stable')).filter((name) => name.endsWith('.tgz')),
      ['tailscale_1.104.5_amd64_compact.tgz', 'tailscale_1.104.5_amd64_compact_image.tgz']
    );

    // For routers that were off meanwhile; unless it signs again.
    const after = await makeMirror({ ...later, previous: one, keys: [second] }, compile);
    assert.equal(after.retired, retired);
    const restored = await makeMirror({ ...later, previous: after, keys: [first, second] }, compile);
    assert.equal(restored.retired, []);
  });

  test('stay as they are if a build fails', async () => {
    const before = read('manifest');
    const fails: Compile = () => Promise.reject(new Error('The Go build failed: no'));
    let message = '';
    await makeMirror({ ...wanted, date: '2026-11-23' }, fails).catch((error: unknown) => {
      ({ message } = error as Error);
    });
    assert.is(message, 'The Go build failed: no');
    assert.ok(read('manifest').equals(before));
  });
} else {
  console.log('skipped: mksquashfs is not here, and neither is what would install it');
}

test('its command makes keys that only their owner reads, and none over one that is there', () => {
  const key = join(folder, 'key');
  assert.is(command(`--new-key=${key}`, `--name=${first.name}`).status, 0);
  assert.is(statSync(`${key}.sec`).mode & 0o777, 0o600);
  const { publicKey, name } = readSecretKey(readFileSync(`${key}.sec`, 'utf8'));
  assert.is(readFileSync(`${key}.pub`, 'utf8'), publicKey);
  assert.is(name, first.name);
  const again = command(`--new-key=${key}`, `--name=${first.name}`);
  assert.is(again.status, 1);
  assert.match(again.stderr, /EEXIST/);
  assert.is(readSecretKey(readFileSync(`${key}.sec`, 'utf8')).publicKey, publicKey);
});

test('its command says in one line what is wrong', () => {
  const key = join(folder, 'key');
  const out = join(folder, 'refused');
  const public_ = command(`--out=${out}`, `--key=${key}.pub`);
  assert.is(public_.status, 1);
  assert.match(public_.stderr, /^.*key\.pub: it is no secret key of usign or signify\n$/);
  const renamed = command(`--out=${out}`, `--key=${key}.sec`, '--name=other.example.org');
  assert.is(
    renamed.stderr,
    'The key is that of tailscale.example.org, and routers would refuse other.example.org\n'
  );
  const lost = command(`--out=${out}`, `--key=${key}.sec`, `--previous=${out}/manifest`);
  assert.match(lost.stderr, /manifest: ENOENT/);
  assert.not(existsSync(out));
});

test.run();

function read(path: string): Buffer {
  return readFileSync(join(wanted.out, path));
}

function signatureOf(fingerprint: string): string {
  return read(`manifest.${fingerprint}.sig`).toString();
}

/** The folder in the archive of that name, unpacked. */
function unpacked(name: string): string {
  execFileSync('tar', ['-xzf', join(wanted.out, 'stable', `${name}.tgz`), '-C', folder]);
  return join(folder, name);
}

function command(...args: string[]): { status: number | null; stderr: string } {
  const script = fileURLToPath(new URL('../../mirror/mirror.ts', import.meta.url));
  return spawnSync(process.execPath, ['--import', 'tsx', script, ...args], { encoding: 'utf8' });
}
