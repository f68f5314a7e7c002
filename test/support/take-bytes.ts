import type { Readable } from 'node:stream';

/** Resolves when so many bytes, or a few more, have come from a stream that flows. */
export async function takeBytes(stream: Readable, bytes: number): Promise<void> {
  let taken = 0;
  await new Promise<void>((resolve) => {
    const onData = (chunk: Buffer) => {
      taken += chunk.length;
      if (taken < bytes) return;
      stream.off('data', onData);
      resolve();
    };
    stream.on('data', onData);
  });
}
