import { execFileSync } from 'node:child_process';
import { encodeFrame } from './client/encode-frame.ts';
import { FrameSocket } from './client/frame-socket.ts';
import { subscribeMessage } from './client/subscribe-message.ts';
import type { ContenderProcess } from './contender-process.ts';
import { inBatches, subscribing } from './open-tokens.ts';
import { cellOperations } from './operations.ts';

/** So many connections with one subscription each, to a token of its own. */
export async function openIdle(server: ContenderProcess, count: number): Promise<FrameSocket[]> {
  requireFiles(count);
  const tokens = await server.ask({ ask: 'tokens', count });
  const { subscription: query } = cellOperations(server.contender);
  return subscribing(server, count, () =>
    inBatches(tokens, async (token) => {
      const socket = await FrameSocket.open(server.port);
      socket.send(encodeFrame(subscribeMessage('s', { query, variables: { token } })));
      return socket;
    }),
  );
}

/** @throws Error if a process may not have so many connections. */
function requireFiles(connections: number): void {
  const needed = connections + 500;
  const limit = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  if (limit !== 'unlimited' && Number(limit) < needed) {
    throw new Error(`Expected up to ${needed} open files to be allowed, got ${limit}: ulimit -n.`);
  }
}
