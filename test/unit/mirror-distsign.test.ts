import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rootKeys, signingKeys } from '../../mirror/distsign.ts';
import { takeOfficial } from '../../mirror/official.ts';
import { rawPublicKey } from '../../mirror/usign.ts';

/** Official archives are taken in only as Tailscale has signed them; here by a chain of keys of our own. */

interface Pair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const folder = mkdtempSync(join(tmpdir(), 'distsign-'));
const [root, otherRoot, signer, otherSigner] = [newPair(), newPair(), newPair(), newPair()];
const roots = [root].map(raw);
const file = 'tailscale_1.102.5_amd64.tgz';
const archive = pack();
const bundle = bundleOf(otherSigner, signer);

/** What the server has, by path. */
let served: Record<string, Buffer | undefined> = {};
const server = createServer((request, response) => {
  const content = served[request.url ?? ''];
  response.writeHead(content ? 200 : 404).end(content);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const upstream = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, roots };

const test = suite('distsign');
test.before.each(() => {
  served = {
    '/distsign.pub': bundle,
    '/distsign.pub.sig': sign(null, bundle, root.privateKey),
    [`/stable/${file}`]: archive,
    [`/stable/${file}.sig`]: sign(null, signed(archive), signer.privateKey)
  };
});
test.after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('takes an archive that is signed, and can be served from where it lies', async () => {
  const out = join(folder, 'good');
  await takeOfficial(out, '1.102.5', ['amd64'], upstream);
  const path = (name: string) => readFileSync(join(out, name));
  assert.ok(path(`stable/${file}`).equals(archive));
  assert.ok(path('distsign.pub').equals(bundle));
  assert.is(path(`stable/${file}.sig`).length, 64);
  assert.is(path(`stable/${file}.sha256`).toString(), createHash('sha256').update(archive).digest('hex'));
  assert.is(path(`stable/${file}.size`).toString(), `7 4 ${archive.length}\n`);
  assert.equal(JSON.parse(path('stable/index.html').toString()), {
    Version: '1.102.5',
    TarballsVersion: '1.102.5',
    Tarballs: { amd64: file },
    Sizes: { amd64: { tailscaled: 7, tailscale: 4, archive: archive.length } }
  });
});

const refused: [string, () => void, RegExp][] = [
  [
    'a bit of the bundle',
    () => {
      flip('/distsign.pub', 40);
    },
    /no root key has signed/
  ],
  [
    "a bit of the bundle's signature",
    () => {
      flip('/distsign.pub.sig', 7);
    },
    /no root key has signed/
  ],
  [
    'a bit of the archive',
    () => {
      flip(`/stable/${file}`, 99);
    },
    /is not what Tailscale has signed/
  ],
  [
    'a bit of its signature',
    () => {
      flip(`/stable/${file}.sig`, 63);
    },
    /is not what Tailscale has signed/
  ],
  [
    'another root key',
    () => (served['/distsign.pub.sig'] = sign(null, bundle, otherRoot.privateKey)),
    /no root key has signed/
  ],
  [
    'a signing key that is not in the bundle',
    () => (served[`/stable/${file}.sig`] = sign(null, signed(archive), otherRoot.privateKey)),
    /is not what Tailscale has signed/
  ],
  [
    'a length that lies',
    () => (served[`/stable/${file}.sig`] = sign(null, signed(archive, 1), signer.privateKey)),
    /is not what Tailscale has signed/
  ],
  [
    'a signature that is too long',
    () => (served[`/stable/${file}.sig`] = Buffer.alloc(65)),
    /larger than 64 bytes/
  ],
  ['no signature', () => (served[`/stable/${file}.sig`] = undefined), /answers 404/],
  ['no archive', () => (served[`/stable/${file}`] = undefined), /answers 404/]
];
for (const [what, change, expected] of refused)
  test(`refuses ${what}`, async () => {
    change();
    const out = join(folder, what.replaceAll(' ', '-'));
    let message = '';
    await takeOfficial(out, '1.102.5', ['amd64'], upstream).catch((error: unknown) => {
      ({ message } = error as Error);
    });
    assert.match(message, expected);
    for (const name of [file, `${file}.new`, 'index.html'])
      assert.not(existsSync(join(out, 'stable', name)), name);
  });

test("refuses a bundle without keys, and knows Tailscale's root keys", () => {
  for (const empty of ['', '-----BEGIN SIGNING PUBLIC KEY-----\nAAAA\n-----END SIGNING PUBLIC KEY-----\n']) {
    const text = Buffer.from(empty);
    assert.throws(() => signingKeys(text, sign(null, text, root.privateKey), roots), /cannot be read/);
  }
  for (const key of rootKeys) assert.is(Buffer.from(key, 'base64').length, 32);
});

test.run();

function newPair(): Pair {
  return generateKeyPairSync('ed25519');
}

function raw({ publicKey }: Pair): string {
  return rawPublicKey(publicKey).toString('base64');
}

function bundleOf(...pairs: Pair[]): Buffer {
  const block = (key: string) =>
    `-----BEGIN SIGNING PUBLIC KEY-----\n${key}\n-----END SIGNING PUBLIC KEY-----\n`;
  return Buffer.from(pairs.map((pair) => block(raw(pair))).join('\n'));
}

/** What upstream signs of an archive: BLAKE2s-256 and length. */
function signed(content: Buffer, more = 0): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(content.length + more));
  return Buffer.concat([createHash('blake2s256').update(content).digest(), size]);
}

function pack(): Buffer {
  const inner = join(folder, 'tailscale_1.102.5_amd64');
  mkdirSync(inner);
  writeFileSync(join(inner, 'tailscaled'), 'daemon\n');
  writeFileSync(join(inner, 'tailscale'), 'cli\n');
  return execFileSync('tar', ['-C', folder, '-czf', '-', 'tailscale_1.102.5_amd64']);
}

function flip(path: string, at: number): void {
  const content = Buffer.from(served[path] ?? '');
  content.writeUInt8(content.readUInt8(at) ^ 1, at);
  served[path] = content;
}
