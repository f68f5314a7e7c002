import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { encodeTextFrames } from '../../../src/server/web-socket/text-frames.ts';

/** What a client reads of frames that were written in one piece. */
async function readBack(messages: readonly string[]): Promise<string[]> {
  const http: Server = createServer();
  const server = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, stream, head) =>
    server.handleUpgrade(request, stream, head, () => stream.write(encodeTextFrames(messages))),
  );
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  onTestFinished(() => {
    client.terminate();
    http.close();
  });
  const received: string[] = [];
  await new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('message', (data) => {
      received.push(String(data));
      if (received.length === messages.length) resolve();
    });
  });
  return received;
}

it('messages of every length come as they were sent', async () => {
  const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 200_000];
  const messages = lengths.flatMap((length) => ['x'.repeat(length), 'ü€😀'.repeat(length / 4)]);
  expect(await readBack(messages)).toEqual(messages);
});
