import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  startSecureServer,
  type SecureServer,
  type SecureServerOptions
} from '../../dev/mirror/secure-server.ts';

/** Serves a folder over TLS as any web server does: a folder by its index document, whatever the query says. */
export function serveFolder(folder: string, options: SecureServerOptions = {}): Promise<SecureServer> {
  return startSecureServer({ name: 'localhost', ...options }, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'https://localhost');
    const path = join(folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    stat(path).then(
      ({ size }) => {
        const [, from = '0'] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
        const start = Number(from);
        const range = start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {};
        response.writeHead(start > 0 ? 206 : 200, { 'content-length': size - start, ...range });
        createReadStream(path, { start }).pipe(response);
      },
      () => response.writeHead(404).end()
    );
  });
}
