import { createHash, verify, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ed25519PublicKey } from './usign.ts';

/**
 * Tailscale's own signatures (clientupdate/distsign): a root key signs the bundle of signing keys, and one of these
 * each archive. A signature is its 64 bytes, and nothing else.
 */

/** The root keys that are built into Tailscale (clientupdate/distsign/roots), their 32 bytes in base64. */
export const rootKeys = [
  // crawshaw-root
  'Psrabv2YNiEDhPlnLVSMtB5EKACm7zxvKxfvYD4i7X8=',
  // distsign-prod-root-1
  'ZjjKhUHBtLNRSO1dhOTjrXJGJ8lDe1594WM2XDuheVQ='
] as const;

/** The signing keys of a bundle that a root key has signed. Throws one line if none has, or if it holds none. */
export function signingKeys(
  bundle: Buffer,
  signature: Buffer,
  roots: readonly string[] = rootKeys
): KeyObject[] {
  const keys = roots.map((root) => ed25519PublicKey(Buffer.from(root, 'base64')));
  if (!verifiesAny(bundle, signature, keys))
    throw new Error('no root key has signed the bundle of signing keys');
  const found = [...bundle.toString('latin1').matchAll(pemBlock)].map((match) =>
    Buffer.from(match[1] ?? '', 'base64')
  );
  if (found.length === 0 || found.some(({ length }) => length !== 32))
    throw new Error('the bundle of signing keys cannot be read');
  return found.map(ed25519PublicKey);
}

/** Whether one of the keys has signed the file: its BLAKE2s-256, and its length in eight bytes. */
export async function isSigned(
  path: string,
  signature: Buffer,
  keys: readonly KeyObject[]
): Promise<boolean> {
  const hash = createHash('blake2s256');
  let length = 0n;
  await pipeline(
    createReadStream(path),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        length += BigInt(chunk.length);
        yield chunk;
      }
    },
    hash
  );
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length);
  return verifiesAny(Buffer.concat([hash.digest(), size]), signature, keys);
}

const pemBlock =
  /-----BEGIN SIGNING PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SIGNING PUBLIC KEY-----/g;

function verifiesAny(message: Buffer, signature: Buffer, keys: readonly KeyObject[]): boolean {
  return signature.length === 64 && keys.some((key) => verify(null, message, key, signature));
}
