import type { IncomingMessage, ServerResponse } from 'node:http';
import { answer } from './answer.ts';
import { find, type SizesPolicy } from './catalogue.ts';
import { ActiveFaults, type Fault } from './faults.ts';
import type { Release } from './release-index.ts';
import { startSecureServer, type SecureServer, type SecureServerOptions } from './secure-server.ts';

export interface MirrorOptions extends SecureServerOptions {
  releases: readonly Release[];
  sizes?: SizesPolicy;
  fault?: Fault | readonly Fault[];
}

export interface MirrorRequest {
  method: string;
  /** With its query. */
  path: string;
  /** The header, if there was one: `bytes=1000-`. */
  range: string | undefined;
  /** When it came, in milliseconds since 1970. */
  at: number;
  /** Bytes of the answer's body that have left so far. */
  bytesSent: number;
}

export interface Mirror extends SecureServer {
  /** In the order in which they came; to be emptied by whoever likes. */
  requests: MirrorRequest[];
  /** The sum over `requests`. */
  readonly bytesServed: number;
  /** Replaces what was set before; without an argument the mirror behaves. Later requests see it. */
  setFault(fault?: Fault | readonly Fault[]): void;
  setReleases(releases: readonly Release[]): void;
}

/**
 * Starts a server that offers what pkgs.tailscale.com offers, over TLS, and misbehaves on request:
 * `/TRACK/?mode=json`, `/TRACK/FILE.tgz` with ranges, `/TRACK/FILE.tgz.sha256`, on demand `/TRACK/FILE.tgz.size`
 * (the kept bytes of tailscaled and tailscale, and the archive's).
 */
export async function startMirror({
  releases,
  sizes = {},
  fault,
  ...options
}: MirrorOptions): Promise<Mirror> {
  const requests: MirrorRequest[] = [];
  const faults = new ActiveFaults();
  let published = releases;

  const setFault = (next: Fault | readonly Fault[] = []) => {
    faults.set([next].flat());
  };
  setFault(fault);

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const record = recordOf(request);
    requests.push(record);
    await answer(request, response, find(published, record.path, sizes), faults, (bytes) => {
      record.bytesSent += bytes;
    });
  };
  const server = await startSecureServer(
    options,
    (request, response) => {
      serve(request, response).catch((error: unknown) => {
        response.destroy();
        if ((error as Error).name !== 'AbortError') console.error(error);
      });
    },
    () => (faults.take('close') ? undefined : (faults.take('certificate')?.certificate ?? 'right'))
  );

  return {
    ...server,
    requests,
    get bytesServed() {
      return requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    },
    setFault,
    setReleases: (next) => {
      published = next;
    }
  };
}

function recordOf({ method = 'GET', url = '/', headers }: IncomingMessage): MirrorRequest {
  return { method, path: url, range: headers.range, at: Date.now(), bytesSent: 0 };
}
