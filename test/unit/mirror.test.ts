import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { officialArchive } from '../../dev/mirror/archive.ts';
import type { Fault } from '../../dev/mirror/faults.ts';
import { hostileArchive, hostileKinds } from '../../dev/mirror/hostile.ts';
import { keptSize } from '../../dev/mirror/kept-size.ts';
import { startMirror } from '../../dev/mirror/mirror.ts';
import { startOfficialProxy } from '../../dev/mirror/official-proxy.ts';

/** What the other suites rely on when they meet the mirror. */

const folder = mkdtempSync(join(tmpdir(), 'mirror-test-'));
process.env['XDG_CACHE_HOME'] = folder;
const binaries = { tailscaled: join(folder, 'daemon'), tailscale: join(folder, 'cli') };
writeFileSync(binaries.tailscaled, noise(300_000, 'daemon'));
writeFileSync(binaries.tailscale, noise(100_000, 'cli'));

const archive = await officialArchive('1.102.5', 'amd64', binaries);
const older = await officialArchive('1.98.10', 'amd64', binaries);
const whole = readFileSync(archive.path);
const mirror = await startMirror({
  releases: [
    { version: '1.98.10', archives: [older] },
    { version: '1.102.5', archives: [archive] }
  ]
});
const archivePath = `/stable/${archive.name}`;
const indexPath = '/stable/?mode=json';

const test = suite('mirror');

test.before.each(() => {
  mirror.setFault();
  mirror.requests.length = 0;
});

test.after(async () => {
  await mirror.close();
  rmSync(folder, { recursive: true });
});

test('offers the newest version of a track', async () => {
  for (const path of [indexPath, `${indexPath}&os=linux`]) {
    const { status, body } = await get(path);
    assert.is(status, 200);
    const index = JSON.parse(body.toString()) as Record<string, unknown>;
    assert.is(index['TarballsVersion'], '1.102.5');
    assert.equal(index['Tarballs'], { amd64: 'tailscale_1.102.5_amd64.tgz' });
    assert.not('Sizes' in index);
  }
  assert.is((await get('/unstable/?mode=json')).status, 404);
});

test('serves every archive and its checksum', async () => {
  const { body, headers } = await get(archivePath);
  assert.is(Buffer.compare(body, whole), 0);
  assert.is(headers['accept-ranges'], 'bytes');
  assert.is((await get(`${archivePath}.sha256`)).body.toString(), sha256(whole));
  assert.is((await get(`/stable/${older.name}`)).status, 200);
  assert.is((await get(`${archivePath}.size`)).status, 404);
  assert.is((await get('/stable/tailscale_1.0.0_amd64.tgz')).status, 404);
});

test('serves ranges', async () => {
  const { status, body, headers } = await get(archivePath, 1000);
  assert.is(status, 206);
  assert.is(headers['content-range'], `bytes 1000-${whole.length - 1}/${whole.length}`);
  assert.is(Buffer.compare(body, whole.subarray(1000)), 0);
  assert.is((await get(archivePath, whole.length)).status, 416);
});

test('counts what has left', async () => {
  await get(archivePath, 1000);
  await get(archivePath);
  assert.equal(
    mirror.requests.map(({ path, range, bytesSent }) => [path, range, bytesSent]),
    [
      [archivePath, 'bytes=1000-', whole.length - 1000],
      [archivePath, undefined, whole.length]
    ]
  );
  assert.is(mirror.bytesServed, 2 * whole.length - 1000);
});

test('publishes sizes on demand', async () => {
  const ours = await startMirror({
    releases: [{ version: '1.102.5', archives: [archive] }],
    sizes: { index: true, files: true }
  });
  const kept = { tailscaled: 300_000, tailscale: 100_000 };
  const index = JSON.parse((await get(indexPath, undefined, ours)).body.toString()) as Record<
    string,
    unknown
  >;
  assert.equal(index['Sizes'], { amd64: { ...kept, archive: whole.length } });
  const { body } = await get(`${archivePath}.size`, undefined, ours);
  assert.is(body.toString(), `300000 100000 ${whole.length}\n`);
  await ours.close();
});

test('lays archives out as Tailscale does', () => {
  const listed = execFileSync('tar', ['--numeric-owner', '-tvzf', archive.path], { encoding: 'utf8' });
  assert.equal(
    listed
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/))
      .map(([mode, owner, size, , , name]) => [mode, owner, size, name].join(' ')),
    [
      'drwxr-xr-x 0/0 0 tailscale_1.102.5_amd64/',
      '-rwxr-xr-x 0/0 300000 tailscale_1.102.5_amd64/tailscaled',
      '-rwxr-xr-x 0/0 100000 tailscale_1.102.5_amd64/tailscale',
      'drwxr-xr-x 0/0 0 tailscale_1.102.5_amd64/systemd/',
      '-rw-r--r-- 0/0 21 tailscale_1.102.5_amd64/systemd/tailscaled.service',
      '-rw-r--r-- 0/0 22 tailscale_1.102.5_amd64/systemd/tailscaled.defaults',
      '-rw-r--r-- 0/0 26 tailscale_1.102.5_amd64/systemd/tailscale-online.target',
      '-rw-r--r-- 0/0 32 tailscale_1.102.5_amd64/systemd/tailscale-wait-online.service'
    ]
  );
  const header = gunzipSync(whole).subarray(512, 1024);
  const text = (start: number, length: number) => header.toString('latin1', start, start + length);
  assert.is(text(156, 1), '0');
  assert.is(text(257, 14), 'ustar\x0000root\0\0');
});

test('breaks off at an offset, and goes on from there', async () => {
  mirror.setFault([
    { kind: 'cut', at: 5000 },
    { kind: 'cut', at: 200_000, times: 1 }
  ]);
  const first = await get(archivePath);
  assert.is(first.complete, false);
  assert.is(first.body.length, 5000);
  assert.is((await get(archivePath, 5000)).body.length, 0);
  const second = await get(archivePath, 5001);
  assert.is(second.body.length, 200_000 - 5001);
  const third = await get(archivePath, 200_000);
  assert.is(third.complete, true);
  assert.is(
    Buffer.compare(Buffer.concat([first.body, whole.subarray(5000, 5001), second.body, third.body]), whole),
    0
  );
});

test('a cut that is met by continuing costs no byte twice', async () => {
  mirror.setFault([100, 5000, 70_000, 200_000, 390_000].map((at) => ({ kind: 'cut', at, times: 1 })));
  let got = Buffer.alloc(0);
  while (got.length < whole.length) got = Buffer.concat([got, (await get(archivePath, got.length)).body]);
  assert.is(Buffer.compare(got, whole), 0);
  assert.is(mirror.requests.length, 6);
  assert.is(mirror.bytesServed, whole.length);
});

test('refuses, redirects and shows a portal on what it is told to', async () => {
  mirror.setFault({ kind: 'status', on: 'sha256', status: 500, times: 1 });
  assert.is((await get(archivePath)).status, 200);
  assert.is((await get(`${archivePath}.sha256`)).status, 500);
  assert.is((await get(`${archivePath}.sha256`)).status, 200);

  mirror.setFault({ kind: 'redirect-loop', on: 'index' });
  const redirect = await get(indexPath);
  assert.equal([redirect.status, redirect.headers['location']], [302, indexPath]);

  mirror.setFault({ kind: 'captive-portal', on: 'everything' });
  for (const path of [indexPath, archivePath, '/generate_204']) {
    const { status, body } = await get(path);
    assert.is(status, 200);
    assert.match(body.toString(), '<!DOCTYPE html>');
  }
});

test('spoils the index', async () => {
  const spoilt = async (wrong: Extract<Fault, { kind: 'index' }>['wrong']) => {
    mirror.setFault({ kind: 'index', wrong });
    const { status, body } = await get(indexPath);
    assert.is(status, 200);
    return body;
  };
  const parse = (body: Buffer) =>
    JSON.parse(body.toString()) as { TarballsVersion: string; Tarballs: Record<string, string> };
  for (const wrong of ['not-json', 'truncated'] as const) {
    const body = await spoilt(wrong);
    assert.throws(() => parse(body), /JSON|Unterminated/);
  }
  assert.not('amd64' in parse(await spoilt('without-arch')).Tarballs);
  assert.match(parse(await spoilt('version-is-command')).TarballsVersion, '$(');
  assert.match(parse(await spoilt('version-is-path')).TarballsVersion, '../');
  assert.match(parse(await spoilt('version-has-newline')).TarballsVersion, '\n');
  assert.match(parse(await spoilt('file-is-path')).Tarballs['amd64'] ?? '', '/');
  const huge = await spoilt('huge');
  assert.ok(huge.length > 50_000_000);
  assert.is(parse(huge).TarballsVersion, '1.102.5');
});

test('spoils the checksum', async () => {
  const published = async (wrong: Extract<Fault, { kind: 'sha256' }>['wrong']) => {
    mirror.setFault({ kind: 'sha256', wrong });
    return (await get(`${archivePath}.sha256`)).body.toString();
  };
  assert.is(await published('empty'), '');
  assert.match(await published('not-hex'), /^[0-9a-f]{63}g$/);
  const other = await published('of-another-file');
  assert.match(other, /^[0-9a-f]{64}$/);
  assert.is.not(other, sha256(whole));
});

test('spoils the archive', async () => {
  mirror.setFault({ kind: 'bit-flip', at: 123_456 });
  const flipped = (await get(archivePath)).body;
  const wrong = [...flipped.keys()].filter((i) => flipped[i] !== whole[i]);
  assert.equal(wrong, [123_456]);
  assert.is(Buffer.compare((await get(archivePath, 123_000)).body, flipped.subarray(123_000)), 0);

  mirror.setFault({ kind: 'longer', by: 1000 });
  const longer = await get(archivePath);
  assert.is(Number(longer.headers['content-length']), whole.length + 1000);
  assert.is(Buffer.compare(longer.body.subarray(0, whole.length), whole), 0);
  const tail = await get(archivePath, whole.length + 991);
  assert.equal(tail.body, longer.body.subarray(whole.length + 991));

  mirror.setFault({ kind: 'shorter', by: 1000 });
  const shorter = await get(archivePath);
  assert.is(Number(shorter.headers['content-length']), whole.length);
  assert.is(shorter.body.length, whole.length - 1000);
  assert.is(shorter.complete, false);
});

test('handles ranges badly', async () => {
  mirror.setFault({ kind: 'no-range' });
  const ignored = await get(archivePath, 1000);
  assert.equal([ignored.status, ignored.body.length], [200, whole.length]);

  for (const [wrong, told] of [
    ['admitted', 0],
    ['denied', 1000]
  ] as const) {
    mirror.setFault({ kind: 'wrong-range', wrong });
    const { status, headers, body } = await get(archivePath, 1000);
    assert.is(status, 206);
    assert.match(String(headers['content-range']), `bytes ${told}-`);
    assert.is(Buffer.compare(body, whole.subarray(0, whole.length - 1000)), 0);
  }
});

test('is late, slow, and stops', async () => {
  const timed = async (fault: Fault, milliseconds: number) => {
    mirror.setFault(fault);
    const started = Date.now();
    const { body } = await get(archivePath, undefined, mirror, AbortSignal.timeout(milliseconds));
    return { got: body.length, took: Date.now() - started };
  };
  assert.ok((await timed({ kind: 'delay', on: 'archive', milliseconds: 300 }, 5000)).took >= 300);
  const rate = await timed({ kind: 'rate', on: 'archive', bytesPerSecond: 1_000_000 }, 5000);
  assert.is(rate.got, whole.length);
  assert.ok(rate.took > 350 && rate.took < 900, `${rate.took} ms`);
  assert.is((await timed({ kind: 'stall', on: 'archive', after: 1234 }, 300)).got, 1234);
  assert.is((await timed({ kind: 'trickle', on: 'everything', after: 1234 }, 2500)).got, 1236);
  await sleep(50);
  assert.equal(
    mirror.requests.map(({ bytesSent }) => bytesSent),
    [whole.length, whole.length, 1234, 1236]
  );
});

test('shows certificates of every kind', async () => {
  const codes = {
    right: undefined,
    'other-host': 'ERR_TLS_CERT_ALTNAME_INVALID',
    expired: 'CERT_HAS_EXPIRED',
    'not-yet-valid': 'CERT_NOT_YET_VALID',
    'unknown-ca': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'
  } as const;
  for (const certificate of ['right', 'other-host', 'expired', 'not-yet-valid', 'unknown-ca'] as const) {
    mirror.setFault({ kind: 'certificate', certificate });
    assert.is(await failure(get(indexPath)), codes[certificate]);
  }
  mirror.setFault({ kind: 'close', times: 1 });
  assert.is(await failure(get(indexPath)), 'ECONNRESET');
  assert.is((await get(indexPath)).status, 200);
});

test('replaces an archive, its checksum too', async () => {
  for (const kind of hostileKinds) {
    const by = await hostileArchive(kind);
    mirror.setFault({ kind: 'replaced', by });
    const { body } = await get(archivePath);
    assert.is((await get(`${archivePath}.sha256`)).body.toString(), sha256(body), kind);
    assert.is.not(sha256(body), sha256(whole));
  }
});

test('takes new releases while it runs', async () => {
  mirror.setReleases([{ version: '1.98.10', archives: [older] }]);
  const { body } = await get(indexPath);
  mirror.setReleases([{ version: '1.102.5', archives: [archive] }]);
  assert.match(body.toString(), '"TarballsVersion":"1.98.10"');
});

test('the proxy passes on what the server behind says', async () => {
  const proxy = await startOfficialProxy({ upstream: mirror.url, dispatcher: agentFor(mirror) });
  const { status, body, headers } = await get(archivePath, 1000, proxy);
  assert.is(status, 206);
  assert.is(headers['content-range'], `bytes 1000-${whole.length - 1}/${whole.length}`);
  assert.is(Buffer.compare(body, whole.subarray(1000)), 0);
  assert.is((await get('/nothing', undefined, proxy)).status, 404);
  await proxy.close();
});

test('knows where the last loaded segment ends', async () => {
  const path = join(folder, 'elf');
  for (const wide of [false, true]) {
    for (const bigEndian of [false, true]) {
      writeFileSync(
        path,
        elf(wide, bigEndian, [
          [6, 64, 9000],
          [1, 0, 4000],
          [1, 4096, 1234],
          [1, 4096, 7],
          [4, 0, 8000]
        ])
      );
      assert.is(await keptSize(path), 5330, `${wide ? 64 : 32} bits, ${bigEndian ? 'big' : 'little'} endian`);
    }
  }
  writeFileSync(path, elf(true, false, []));
  assert.is(await keptSize(path), 10_000);
  writeFileSync(path, '#!/bin/sh\n');
  assert.is(await keptSize(path), 10);
});

test.run();

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** As much as came. */
  body: Buffer;
  complete: boolean;
}

/** Asks for a path, from an offset on; an answer that breaks off is no error. */
async function get(
  path: string,
  from?: number,
  server = mirror as { url: string; caFile: string },
  signal?: AbortSignal
): Promise<Reply> {
  const dispatcher = agentFor(server);
  const range = from === undefined || from === 0 ? {} : { range: `bytes=${from}-` };
  const answer = await request(server.url + path, {
    dispatcher,
    headers: range,
    // More than any answer: see the proxy.
    highWaterMark: 1 << 26,
    ...(signal && { signal })
  });
  const chunks: Buffer[] = [];
  let complete = true;
  try {
    for await (const chunk of answer.body) chunks.push(chunk as Buffer);
  } catch {
    complete = false;
  }
  await dispatcher.destroy();
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks), complete };
}

function agentFor(server: { caFile: string }): Agent {
  return new Agent({ connect: { ca: readFileSync(server.caFile) } });
}

async function failure(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Bytes that do not compress, the same every time. */
function noise(size: number, seed: string): Buffer {
  return createHash('shake256', { outputLength: size }).update(seed).digest();
}

/** 10,000 bytes that begin as an ELF file with these segments: type, offset, bytes in the file. */
function elf(
  wide: boolean,
  bigEndian: boolean,
  segments: readonly (readonly [number, number, number])[]
): Buffer {
  const file = Buffer.alloc(10_000);
  const view = new DataView(file.buffer, file.byteOffset);
  const put = (at: number, bytes: 2 | 4 | 8, value: number) => {
    if (bytes === 2) view.setUint16(at, value, !bigEndian);
    else if (bytes === 4) view.setUint32(at, value, !bigEndian);
    else view.setBigUint64(at, BigInt(value), !bigEndian);
  };
  const [tableAt, entrySize] = wide ? [64, 56] : [52, 32];
  file.write(`\x7fELF${wide ? '\x02' : '\x01'}${bigEndian ? '\x02' : '\x01'}`, 'latin1');
  put(wide ? 32 : 28, wide ? 8 : 4, tableAt);
  put(wide ? 54 : 42, 2, entrySize);
  put(wide ? 56 : 44, 2, segments.length);
  segments.forEach(([type, offset, size], i) => {
    const at = tableAt + i * entrySize;
    put(at, 4, type);
    put(at + (wide ? 8 : 4), wide ? 8 : 4, offset);
    put(at + (wide ? 32 : 16), wide ? 8 : 4, size);
  });
  return file;
}
