import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator
} from '@peculiar/x509';
import { isIP } from 'node:net';

/** In which way a server's certificate is right or wrong. */
export const certificateKinds = ['right', 'other-host', 'expired', 'not-yet-valid', 'unknown-ca'] as const;

export type CertificateKind = (typeof certificateKinds)[number];

export interface Certificate {
  /** PEM. */
  certificate: string;
  /** PEM, PKCS #8. */
  key: string;
}

/** A certificate authority made on the spot (ECDSA P-256). */
export interface Authority {
  /** PEM: what a client has to trust. */
  certificate: string;
  /** A server's certificate for host names and IP addresses; the same one when asked again. */
  issue(hosts: readonly string[], kind?: CertificateKind): Promise<Certificate>;
}

export async function createAuthority(commonName = 'Test CA'): Promise<Authority> {
  const keys = await generateKeys();
  const name = `CN=${commonName}`;
  const root = await X509CertificateGenerator.createSelfSigned({
    name,
    keys,
    ...validFor(-3650, 3650),
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey)
    ]
  });

  const issue = async (hosts: readonly string[], kind: CertificateKind): Promise<Certificate> => {
    if (kind === 'unknown-ca') return (await createAuthority('Unknown CA')).issue(hosts);
    const names = kind === 'other-host' ? ['other.example'] : hosts;
    const leafKeys = await generateKeys();
    const leaf = await X509CertificateGenerator.create({
      subject: 'CN=Test server',
      issuer: name,
      publicKey: leafKeys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm,
      ...validity(kind),
      extensions: [
        new BasicConstraintsExtension(false),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }))
        ),
        await SubjectKeyIdentifierExtension.create(leafKeys.publicKey),
        await AuthorityKeyIdentifierExtension.create(keys.publicKey)
      ]
    });
    const key = await crypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
    return { certificate: leaf.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
  };

  const issued = new Map<string, Promise<Certificate>>();
  return {
    certificate: root.toString('pem'),
    issue: (hosts, kind = 'right') => {
      const question = [kind, ...hosts].join();
      const certificate = issued.get(question) ?? issue(hosts, kind);
      issued.set(question, certificate);
      return certificate;
    }
  };
}

const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

function generateKeys() {
  return crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
}

function validity(kind: CertificateKind) {
  if (kind === 'expired') return validFor(-365, -1);
  return kind === 'not-yet-valid' ? validFor(1, 365) : validFor(-1, 365);
}

function validFor(fromDay: number, toDay: number) {
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
  return { notBefore: inDays(fromDay), notAfter: inDays(toDay) };
}
