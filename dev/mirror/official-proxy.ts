import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { request as fetch, type Dispatcher } from 'undici';
import { startSecureServer, type SecureServer, type SecureServerOptions } from './secure-server.ts';

export interface ProxyOptions extends SecureServerOptions {
  /** The server behind; the official one unless told. */
  upstream?: string;
  /** How to reach it, where that needs more than Node's defaults. */
  dispatcher?: Dispatcher;
}

/**
 * An answer's bytes wait in memory for a slow reader: undici 7 ends the process by an assertion if a server closes
 * the connection while it holds the server back (nodejs/undici#5360).
 */
const largestAnswer = 128 * 1024 * 1024;

/** Starts a server that looks like the mirror and passes each request on to the real download server. */
export function startOfficialProxy({
  upstream = 'https://pkgs.tailscale.com',
  dispatcher,
  ...options
}: ProxyOptions = {}): Promise<SecureServer> {
  const pass = async ({ url = '/', headers }: IncomingMessage, response: ServerResponse) => {
    const answer = await fetch(upstream + url, {
      headers: headers.range === undefined ? {} : { range: headers.range },
      highWaterMark: largestAnswer,
      ...(dispatcher && { dispatcher })
    });
    response.writeHead(answer.statusCode, answer.headers);
    await pipeline(answer.body, response);
  };
  return startSecureServer(options, (request, response) => {
    pass(request, response).catch(() => {
      // Either side has gone: before the answer began that is a bad gateway.
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
}
