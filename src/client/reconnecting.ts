import { retryWait } from './retry-wait.ts';

/** How long a connection may be silent before it is asked whether it is there, and how long the answer may take. */
const keepAliveMs = 10_000;
const pongMs = 5_000;

/** The part of a WebSocket that is needed to end it. */
interface Closable {
  close(code: number, reason: string): void;
}

/**
 * Options for `createClient` of `graphql-ws` by which its connection comes back
 * however long it was away: it tries for ever, at once when a browser is online
 * again, notices within 15 s that a server has gone without a word, and numbers its
 * operations, which is shorter on the wire than the default UUIDs. Give listeners of
 * your own with `client.on`.
 */
export function reconnecting() {
  let socket: Closable | null = null;
  let operations = 0;
  let silent: ReturnType<typeof setTimeout> | undefined;
  return {
    keepAlive: keepAliveMs,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries: number) => retryWait(retries),
    shouldRetry: () => true,
    generateID: () => {
      operations += 1;
      return String(operations);
    },
    on: {
      opened: (opened: unknown) => {
        socket = opened as Closable;
      },
      ping: (received: boolean) => {
        if (received) return;
        silent = setTimeout(() => socket?.close(4408, 'The server does not answer'), pongMs);
      },
      pong: (received: boolean) => {
        if (received) clearTimeout(silent);
      },
      closed: () => clearTimeout(silent),
    },
  };
}
