import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import { retryWait } from './retry-wait.ts';

/** How long a connection may be silent before the server is asked whether it is there. */
const keepAliveMs = 10_000;

/** How long its answer may take. */
const pongMs = 5_000;

/**
 * A client of `graphql-ws` whose connection comes back however long it was away:
 * it tries for ever, with at most 8 s between two tries, and at once when a browser is
 * online again. A server that has gone without a word is noticed within 15 s. Its
 * operations are numbered, which is shorter on the wire than UUIDs.
 *
 * @param options those of `createClient` of `graphql-ws`; they win over these.
 */
export function createReconnectingClient(options: ClientOptions): Client {
  let operations = 0;
  const client = createClient({
    keepAlive: keepAliveMs,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => retryWait(retries),
    // Also if there was no connection yet, which it takes for fatal by itself.
    shouldRetry: () => true,
    generateID: () => {
      operations += 1;
      return String(operations);
    },
    ...options,
  });
  endSilence(client);
  return client;
}

/** Ends a connection whose server does not answer to a ping. */
function endSilence(client: Client): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  client.on('ping', (isReceived) => {
    if (isReceived) return;
    stop();
    timer = setTimeout(() => client.terminate(), pongMs);
  });
  client.on('pong', (isReceived) => {
    if (isReceived) stop();
  });
  client.on('closed', stop);
}
