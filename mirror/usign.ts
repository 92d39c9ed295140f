import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject
} from 'node:crypto';

/**
 * Ed25519 keys and signatures as OpenWrt's usign and OpenBSD's signify write them: a line of comment, and a line
 * of base64 that begins with `Ed`. A key is named by eight random bytes, its fingerprint.
 */

export interface SigningKey {
  /** 16 lowercase hexadecimal digits. */
  fingerprint: string;
  /** Of the mirror whose manifests it signs. */
  name: string;
  secret: KeyObject;
  /** The public key's file. */
  publicKey: string;
}

/** A new pair of keys of the mirror of this name, as the contents of their files. The secret one has no passphrase. */
export function newKeyPair(name: string): { secretKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const id = randomBytes(idLength);
  const point = rawPublicKey(publicKey);
  const secret = Buffer.concat([privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32), point]);
  const checksum = createHash('sha512').update(secret).digest().subarray(0, checksumLength);
  const noPassphrase = Buffer.alloc(4 + saltLength);
  const packed = Buffer.concat([Buffer.from('EdBK'), noPassphrase, checksum, id, secret]);
  return {
    secretKey: file(`secret key of ${name}`, packed),
    publicKey: publicFile(name, id, point)
  };
}

/** Reads a secret key's file. Throws one line if it is none, is damaged, or has a passphrase. */
export function readSecretKey(text: string): SigningKey {
  const packed = content(text, 4 + 4 + saltLength + checksumLength + idLength + 64);
  if (!packed || packed.toString('latin1', 2, 4) !== 'BK')
    throw new Error('it is no secret key of usign or signify');
  if (packed.readUInt32BE(4) !== 0) throw new Error('it has a passphrase: make one without');
  const [checksum, id, secret] = parts(packed.subarray(8 + saltLength), checksumLength, idLength, 64);
  if (!createHash('sha512').update(secret).digest().subarray(0, checksumLength).equals(checksum))
    throw new Error('it is damaged: its checksum does not match');
  const name = /^untrusted comment: secret key of ([\w.-]+)\n/.exec(text)?.[1];
  if (name === undefined) throw new Error('its comment does not end with `of NAME`, the name of a mirror');
  const der = Buffer.concat([pkcs8Prefix, secret.subarray(0, 32)]);
  return {
    fingerprint: id.toString('hex'),
    name,
    secret: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
    publicKey: publicFile(name, id, secret.subarray(32))
  };
}

/** The signature file of a message. */
export function sign(message: Buffer, { fingerprint, secret }: SigningKey): string {
  const packed = [Buffer.from('Ed'), Buffer.from(fingerprint, 'hex'), signBytes(null, message, secret)];
  return file(`signed by key ${fingerprint}`, Buffer.concat(packed));
}

/** Whether a signature file is that of this message by this public key's file. */
export function verify(message: Buffer, signature: string, publicKey: string): boolean {
  const signed = content(signature, 2 + idLength + 64);
  const key = content(publicKey, 2 + idLength + 32);
  if (!signed || !key || !signed.subarray(2, 2 + idLength).equals(key.subarray(2, 2 + idLength)))
    return false;
  return verifyBytes(null, message, ed25519PublicKey(key.subarray(-32)), signed.subarray(-64));
}

/** By which routers call the key of a public key's file; undefined if it is no such file. */
export function fingerprintOf(publicKey: string): string | undefined {
  return content(publicKey, 2 + idLength + 32)
    ?.subarray(2, 2 + idLength)
    .toString('hex');
}

/** Node's form of a public key's 32 bytes. */
export function ed25519PublicKey(raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
}

/** The 32 bytes of a public key. */
export function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32);
}

const idLength = 8;
const saltLength = 16;
const checksumLength = 8;
/** What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** The last word of the comment is the name that a router expects in what the key has signed. */
function publicFile(name: string, id: Buffer, point: Buffer): string {
  return file(`public key of ${name}`, Buffer.concat([Buffer.from('Ed'), id, point]));
}

function file(comment: string, packed: Buffer): string {
  return `untrusted comment: ${comment}\n${packed.toString('base64')}\n`;
}

/** What the second line holds; undefined if that is not Ed25519's or not so long. */
function content(text: string, length: number): Buffer | undefined {
  const [comment = '', line = ''] = text.split('\n');
  const packed = Buffer.from(line, 'base64');
  const isOne = comment.startsWith('untrusted comment: ') && packed.toString('latin1', 0, 2) === 'Ed';
  return isOne && packed.length === length ? packed : undefined;
}

function parts(bytes: Buffer, a: number, b: number, c: number): [Buffer, Buffer, Buffer] {
  return [bytes.subarray(0, a), bytes.subarray(a, a + b), bytes.subarray(a + b, a + b + c)];
}
