import { createReadStream } from 'node:fs';

/** Bytes that can be served from any offset on. */
export interface Content {
  size: number;
  read(start: number, end: number): AsyncIterable<Buffer>;
}

export function fileContent(path: string, size: number): Content {
  return {
    size,
    read: (start, end) => (start < end ? fileStream(path, start, end) : concatenated([]))
  };
}

export function bytesContent(...buffers: readonly Buffer[]): Content {
  return {
    size: buffers.reduce((sum, buffer) => sum + buffer.length, 0),
    read: (start, end) => slice(concatenated(buffers), start, end)
  };
}

/** The same with the lowest bit of one byte turned over. */
export function withFlippedBit(content: Content, at: number): Content {
  return {
    size: content.size,
    async *read(start, end) {
      let position = start;
      for await (const chunk of content.read(start, end)) {
        const changed = Buffer.from(chunk);
        const byte = changed[at - position];
        if (byte !== undefined) changed[at - position] = byte ^ 1;
        position += chunk.length;
        yield changed;
      }
    }
  };
}

export function followedBy(content: Content, more: Buffer): Content {
  const tail = bytesContent(more);
  const { size } = content;
  return {
    size: size + more.length,
    async *read(start, end) {
      yield* content.read(Math.min(start, size), Math.min(end, size));
      yield* tail.read(Math.max(start - size, 0), Math.max(end - size, 0));
    }
  };
}

function fileStream(path: string, start: number, end: number): AsyncIterable<Buffer> {
  return createReadStream(path, { start, end: end - 1, highWaterMark: 2 ** 18 });
}

// eslint-disable-next-line @typescript-eslint/require-await -- asynchronous only to look like a file's bytes
async function* concatenated(buffers: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* buffers;
}

async function* slice(chunks: AsyncIterable<Buffer>, start: number, end: number): AsyncGenerator<Buffer> {
  let position = 0;
  for await (const chunk of chunks) {
    const part = chunk.subarray(Math.max(start - position, 0), Math.max(end - position, 0));
    if (part.length > 0) yield part;
    position += chunk.length;
  }
}
