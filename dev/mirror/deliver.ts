import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** How an answer's bytes travel; offsets are counted from the answer's first byte. */
export interface Pace {
  /** Bytes a second; as fast as it goes unless told. */
  rate?: number | undefined;
  /** From here on one byte a second. */
  trickleAfter?: number | undefined;
  /** From here on nothing. */
  stallAfter?: number | undefined;
  /** Here the connection is destroyed. */
  cutAfter?: number | undefined;
}

/**
 * Sends a body at the pace that is told, calls `sent` for what has really left, and ends the answer. Rejects
 * with an `AbortError` if the client leaves meanwhile.
 */
export async function deliver(
  response: ServerResponse,
  body: AsyncIterable<Buffer>,
  { rate = Infinity, trickleAfter = Infinity, stallAfter = Infinity, cutAfter = Infinity }: Pace,
  gone: AbortSignal,
  sent: (bytes: number) => void
): Promise<void> {
  const started = Date.now();
  let position = 0;
  response.flushHeaders();
  for await (const chunk of body) {
    let rest = chunk;
    while (rest.length > 0) {
      if (position >= cutAfter) {
        response.destroy();
        return;
      }
      if (position >= stallAfter) await forever(gone);
      const trickles = position >= trickleAfter;
      if (trickles) await sleep(1000, undefined, { signal: gone });
      const next = trickles ? position + 1 : Math.min(trickleAfter, position + Math.max(rate / 20, 1));
      const piece = rest.subarray(0, Math.min(next, stallAfter, cutAfter) - position);
      await write(response, piece, gone);
      sent(piece.length);
      position += piece.length;
      rest = rest.subarray(piece.length);
      const due = started + (position / rate) * 1000;
      if (due > Date.now()) await sleep(due - Date.now(), undefined, { signal: gone });
    }
  }
  response.end();
}

async function forever(gone: AbortSignal): Promise<void> {
  while (!gone.aborted) await sleep(2 ** 30, undefined, { signal: gone });
}

/** Resolves once the bytes were handed to the kernel. */
function write(response: ServerResponse, piece: Buffer, gone: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      reject(new DOMException('the client has gone', 'AbortError'));
    };
    if (gone.aborted) {
      leave();
      return;
    }
    gone.addEventListener('abort', leave, { once: true });
    response.write(piece, (error) => {
      gone.removeEventListener('abort', leave);
      if (error) leave();
      else resolve();
    });
  });
}
