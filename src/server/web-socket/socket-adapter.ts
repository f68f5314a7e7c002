import type { Duplex } from 'node:stream';
import { CloseCode, type WebSocket as ProtocolSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Logger } from '../../logging/logger.ts';

/** From this many unsent bytes on, a connection's subscriptions wait for the socket. */
const highWaterMarkBytes = 64 * 1024;

/**
 * A socket of `ws` as graphql-ws wants it. Our own and not graphql-ws' adapter,
 * which awaits every frame: here the frames of one turn leave in one write, and
 * `send` makes its caller wait only while the socket is behind.
 */
export function adaptSocket(socket: WebSocket, stream: Duplex, logger: Logger): ProtocolSocket {
  let corked = false;
  let drained: Promise<void> | null = null;

  const cork = () => {
    if (corked) return;
    corked = true;
    stream.cork();
    setImmediate(() => {
      corked = false;
      stream.uncork();
    });
  };

  const untilDrained = () => {
    drained ??= new Promise<void>((resolve) => {
      const done = () => {
        stream.off('drain', done);
        stream.off('close', done);
        drained = null;
        resolve();
      };
      stream.on('drain', done);
      stream.on('close', done);
    });
    return drained;
  };

  return {
    protocol: socket.protocol,
    send(data) {
      if (socket.readyState !== socket.OPEN) return;
      cork();
      socket.send(data);
      return socket.bufferedAmount > highWaterMarkBytes ? untilDrained() : undefined;
    },
    close: (code, reason) => socket.close(code, reason),
    onMessage(handle) {
      socket.on('message', (data) => {
        // What it starts when its subscriptions are ended already would go on for ever.
        if (socket.readyState !== socket.OPEN) return;
        handle(String(data)).catch((error: unknown) => {
          // graphql-ws throws for a message that only servers send, and closes for any other bad one.
          if (String(error).includes('Unexpected message of type')) {
            return socket.close(CloseCode.BadRequest, 'Invalid message received');
          }
          logger.error({ err: error }, 'handling a WebSocket message failed');
          socket.close(CloseCode.InternalServerError, 'Internal server error');
        });
      });
    },
  };
}
