import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ensurePrograms, findProgram } from '../../dev/setup/debian.ts';
import { newKeyPair, readSecretKey, sign, verify } from '../../mirror/usign.ts';

/** Keys and signatures of a mirror, also as OpenBSD's signify and OpenWrt's usign understand them. */

const folder = mkdtempSync(join(tmpdir(), 'usign-'));
const name = 'tailscale.example.org';
const pair = newKeyPair(name);
const key = readSecretKey(pair.secretKey);
const message = Buffer.from('tailscale-ram-mirror 1\nname example.org\n');
const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return join(folder, name);
};

const test = suite('usign');
test.after(() => {
  rmSync(folder, { recursive: true });
});

test('a signature verifies, and nothing else does', () => {
  const signature = sign(message, key);
  assert.ok(verify(message, signature, pair.publicKey));
  assert.match(key.fingerprint, /^[0-9a-f]{16}$/);
  assert.is(key.publicKey, pair.publicKey);
  assert.is(key.name, name);
  assert.is(pair.publicKey.split('\n')[0], 'untrusted comment: public key of tailscale.example.org');
  const changed = Buffer.from(message);
  changed.writeUInt8(changed.readUInt8(5) ^ 1, 5);
  assert.not.ok(verify(changed, signature, pair.publicKey));
  assert.not.ok(verify(message, signature, newKeyPair(name).publicKey));
  const other = readSecretKey(newKeyPair(name).secretKey);
  assert.not.ok(verify(message, sign(message, { ...other, fingerprint: key.fingerprint }), pair.publicKey));
  for (const broken of [
    '',
    'untrusted comment: x\n',
    signature.replace('untrusted ', ''),
    signature.slice(0, -9)
  ])
    assert.not.ok(verify(message, broken, pair.publicKey));
});

test('a secret key that is none, is damaged, or has a passphrase is refused', () => {
  assert.throws(() => readSecretKey(pair.publicKey), /no secret key/);
  assert.throws(() => readSecretKey('-----BEGIN PRIVATE KEY-----\n'), /no secret key/);
  assert.throws(() => readSecretKey(withByte(pair.secretKey, 60)), /damaged/);
  assert.throws(() => readSecretKey(withByte(pair.secretKey, 7)), /passphrase/);
  assert.throws(() => readSecretKey(pair.secretKey.replace(` of ${name}`, '')), /the name of a mirror/);
});

const [missing] = await ensurePrograms(['signify-openbsd']);
if (missing === undefined) {
  test('signify takes our keys and signatures, and we take its', () => {
    const publicKey = file('ours.pub', pair.publicKey);
    const path = file('message', message);
    const signature = file('ours.sig', sign(message, key));
    const checked = () =>
      spawnSync('signify-openbsd', ['-Vq', '-p', publicKey, '-x', signature, '-m', path]).status;
    assert.is(checked(), 0);
    file('message', 'another');
    assert.is(checked(), 1);

    file('message', message);
    const theirs = join(folder, 'theirs');
    execFileSync('signify-openbsd', ['-G', '-n', '-p', `${theirs}.pub`, '-s', `${theirs}.sec`]);
    execFileSync('signify-openbsd', ['-S', '-s', `${theirs}.sec`, '-x', `${theirs}.sig`, '-m', path]);
    const theirPublicKey = readFileSync(`${theirs}.pub`, 'utf8');
    assert.ok(verify(message, readFileSync(`${theirs}.sig`, 'utf8'), theirPublicKey));
    const again = sign(message, readSecretKey(named(readFileSync(`${theirs}.sec`, 'utf8'))));
    assert.ok(verify(message, again, theirPublicKey));
    execFileSync('signify-openbsd', [
      '-S',
      '-s',
      file('ours.sec', pair.secretKey),
      '-x',
      signature,
      '-m',
      path
    ]);
    assert.is(checked(), 0);
  });
} else {
  console.log('skipped: signify-openbsd is not here, and neither is what would install it');
}

const usign = process.env['USIGN'] ?? findProgram('usign');
if (usign !== undefined) {
  test('so does usign', () => {
    const publicKey = file('ours.pub', pair.publicKey);
    const path = file('message', message);
    const signature = file('ours.sig', sign(message, key));
    const run = (...args: string[]) => spawnSync(usign, args, { encoding: 'utf8' });
    assert.is(run('-V', '-q', '-m', path, '-p', publicKey, '-x', signature).status, 0);
    assert.is(run('-F', '-p', publicKey).stdout.trim(), key.fingerprint);
    assert.is(run('-F', '-x', signature).stdout.trim(), key.fingerprint);
    file('message', 'another');
    assert.is(run('-V', '-q', '-m', path, '-p', publicKey, '-x', signature).status, 1);

    file('message', message);
    const theirs = join(folder, 'usigns');
    assert.is(run('-G', '-s', `${theirs}.sec`, '-p', `${theirs}.pub`).status, 0);
    assert.is(run('-S', '-m', path, '-s', `${theirs}.sec`, '-x', `${theirs}.sig`).status, 0);
    const theirPublicKey = readFileSync(`${theirs}.pub`, 'utf8');
    assert.ok(verify(message, readFileSync(`${theirs}.sig`, 'utf8'), theirPublicKey));
    const again = sign(message, readSecretKey(named(readFileSync(`${theirs}.sec`, 'utf8'))));
    assert.ok(verify(message, again, theirPublicKey));
  });
} else {
  console.log('skipped: usign is neither on PATH nor named by USIGN');
}

test.run();

/** Another program's secret key with the comment that tells whose it is. */
function named(text: string): string {
  return text.replace(/^.*\n/, `untrusted comment: secret key of ${name}\n`);
}

/** The same file with the lowest bit of one of the packed bytes turned over. */
function withByte(text: string, at: number): string {
  const [comment = '', line = ''] = text.split('\n');
  const packed = Buffer.from(line, 'base64');
  packed.writeUInt8(packed.readUInt8(at) ^ 1, at);
  return `${comment}\n${packed.toString('base64')}\n`;
}
