import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateKinds, createAuthority, type Authority, type CertificateKind } from './certificates.ts';

export interface SecureServerOptions {
  /** Address to listen on; 127.0.0.1 unless told. */
  host?: string;
  /** 0, the default: a free one. */
  port?: number;
  /** The host name in `url`, for clients that do not accept a certificate for an address; `host` unless told. */
  name?: string;
  /** Its CA; a new one unless told. */
  authority?: Authority;
}

export interface SecureServer {
  /** Without a slash at its end. */
  url: string;
  /** The CA's certificate (PEM), in a temporary folder that goes away with the server. */
  caFile: string;
  close(): Promise<void>;
}

/**
 * Starts an HTTPS server. `choose` is asked at each connection which certificate to show; `undefined` closes
 * the connection before TLS.
 */
export async function startSecureServer(
  { host = '127.0.0.1', port = 0, name = host, authority }: SecureServerOptions,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  choose: () => CertificateKind | undefined = () => 'right'
): Promise<SecureServer> {
  const issuer = authority ?? (await createAuthority());
  const hosts = [...new Set([host, name, 'localhost'])];
  const issued = certificateKinds.map(async (kind) => [kind, await issuer.issue(hosts, kind)] as const);
  const certificates = new Map(await Promise.all(issued));

  const server = createServer(listener);
  // Before Node's own listener, which makes its TLS socket with what is set here.
  server.prependListener('connection', (socket: Socket) => {
    const kind = choose();
    const chosen = kind && certificates.get(kind);
    if (chosen) server.setSecureContext({ cert: chosen.certificate, key: chosen.key });
    else socket.destroy();
  });
  await listening(server, port, host);

  const folder = await mkdtemp(join(tmpdir(), 'mirror-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, issuer.certificate);
  return {
    url: `https://${isIPv6(name) ? `[${name}]` : name}:${(server.address() as AddressInfo).port}`,
    caFile,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await rm(folder, { recursive: true, force: true });
    }
  };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
