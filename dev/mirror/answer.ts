import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Served } from './catalogue.ts';
import { bytesContent, fileContent, followedBy, withFlippedBit, type Content } from './content.ts';
import { deliver } from './deliver.ts';
import type { ActiveFaults, Concerned } from './faults.ts';
import { releaseIndex } from './release-index.ts';

/**
 * Answers a request for what was found under its path, as far as the faults let it; `sent` is called for each
 * piece of the body that has really left. Rejects with an `AbortError` if the client leaves meanwhile.
 */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  served: Served | undefined,
  faults: ActiveFaults,
  sent: (bytes: number) => void
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    gone.abort();
  });
  // One request a connection, so that faults of connections meet each request.
  response.shouldKeepAlive = false;

  const concerns = ({ on }: Concerned) => on === 'everything' || on === served?.kind;
  const delay = faults.take('delay', concerns);
  if (delay) await sleep(delay.milliseconds, undefined, { signal: gone.signal });

  const normal = () => (served ? good(request, served, faults) : text(404, 'not found\n'));
  const { status, headers, content, ...part } = instead(request, faults, concerns) ?? normal();
  const { start = 0, end = content.size } = part;
  response.writeHead(status, { 'Content-Length': end - start, ...headers });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }

  const isArchive = served?.kind === 'archive' && status < 300;
  const cut = isArchive ? faults.take('cut', ({ at }) => start <= at && at < end) : undefined;
  const missing = isArchive ? (faults.take('shorter')?.by ?? 0) : 0;
  await deliver(
    response,
    content.read(start, Math.max(end - missing, start)),
    {
      rate: faults.take('rate', concerns)?.bytesPerSecond,
      trickleAfter: faults.take('trickle', concerns)?.after,
      stallAfter: faults.take('stall', concerns)?.after,
      cutAfter: cut && cut.at - start
    },
    gone.signal,
    sent
  );
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  content: Content;
  /** The part of the content that is sent; all of it unless told. */
  start?: number;
  end?: number;
}

/** The answer that a fault gives in place of what was asked for. */
function instead(
  { url = '/' }: IncomingMessage,
  faults: ActiveFaults,
  concerns: (fault: Concerned) => boolean
): Answer | undefined {
  const status = faults.take('status', concerns)?.status;
  if (status !== undefined) return text(status, `status ${status}\n`);
  if (faults.take('redirect-loop', concerns)) {
    return { ...text(302, 'moved\n'), headers: { Location: url } };
  }
  if (faults.take('captive-portal', concerns)) return text(200, portalPage, 'text/html');
  return undefined;
}

const portalPage = `<!DOCTYPE html>
<html><head><title>Welcome</title></head>
<body><h1>Welcome to our guest network</h1><form method="post"><button>Accept</button></form></body></html>
`;

function good(request: IncomingMessage, served: Served, faults: ActiveFaults): Answer {
  switch (served.kind) {
    case 'index': {
      const index = releaseIndex(served.release, served.sizes, faults.take('index')?.wrong);
      return {
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        content: bytesContent(...index)
      };
    }
    case 'archive':
      return archiveAnswer(request, served.archive, faults);
    case 'sha256': {
      const { sha256 } = faults.take('replaced')?.by ?? served.archive;
      return text(200, published(sha256, faults));
    }
    case 'size': {
      const { kept, size } = served.archive;
      return text(200, `${kept.tailscaled} ${kept.tailscale} ${size}\n`);
    }
  }
}

function published(sha256: string, faults: ActiveFaults): string {
  const wrong = faults.take('sha256')?.wrong;
  switch (wrong) {
    case 'not-hex':
      return `${sha256.slice(0, -1)}g`;
    case 'of-another-file':
      return createHash('sha256').update(sha256).digest('hex');
    case 'empty':
      return '';
    case undefined:
      return sha256;
  }
}

function archiveAnswer(
  { headers }: IncomingMessage,
  archive: { path: string; size: number; sha256: string },
  faults: ActiveFaults
): Answer {
  const { path, size, sha256 } = faults.take('replaced')?.by ?? archive;
  const flip = faults.take('bit-flip');
  const longer = faults.take('longer');
  let content = fileContent(path, size);
  if (flip) content = withFlippedBit(content, flip.at);
  if (longer) content = followedBy(content, Buffer.alloc(longer.by, 'garbage '));

  const whole = {
    'Content-Type': 'application/x-gtar-compressed',
    'Accept-Ranges': 'bytes',
    ETag: `"${sha256.slice(0, 16)}"`
  };
  const asked = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (!asked || faults.take('no-range')) return { status: 200, headers: whole, content };

  const start = Number(asked[1]);
  const end = asked[2] ? Math.min(Number(asked[2]) + 1, content.size) : content.size;
  if (start >= end) return { ...text(416, ''), headers: { 'Content-Range': `bytes */${content.size}` } };
  const wrong = faults.take('wrong-range')?.wrong;
  const first = wrong ? 0 : start;
  const told = wrong === 'admitted' ? 0 : start;
  const range = { ...whole, 'Content-Range': `bytes ${told}-${told + end - start - 1}/${content.size}` };
  return { status: 206, headers: range, content, start: first, end: first + end - start };
}

function text(status: number, body: string, type = 'text/plain'): Answer {
  return { status, headers: { 'Content-Type': type }, content: bytesContent(Buffer.from(body)) };
}
