import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import { ClientDisposedError } from './graphql-errors.ts';
import { LostConnections } from './lost-connections.ts';
import type { SubscriptionClient } from './subscription-client.ts';
import { withErrorListener } from './with-error-listener.ts';
import { wrapClient } from './wrap-client.ts';

/** How long a connection may be silent before the server is asked whether it is there. */
const keepAliveMs = 10_000;

/** How long its answer may take, and how long a connection may take to be made. */
const pongMs = 5_000;
const connectMs = 10_000;

/** The code by which a server says that who connects must not. */
const forbidden = 4403;

/**
 * A client of `graphql-ws` whose connection comes back however long it was away:
 * it tries for ever, with at most 8 s between two tries, and at once when a browser is
 * online again. A try ends after 10 s, and a server that has gone without a word is
 * noticed within 15 s. Its operations are numbered, which is shorter on the wire than
 * UUIDs. The close codes 4401 and 4403 end its subscriptions, and so does `dispose`,
 * for good.
 *
 * @param options those of `createClient` of `graphql-ws`; they win over these.
 */
export function createReconnectingClient(options: ClientOptions): Client {
  const { webSocketImpl = globalThis.WebSocket, url } = options;
  const losses = new LostConnections();
  const subscriptions = new Set<object>();
  let operations = 0;
  const client = createClient({
    keepAlive: keepAliveMs,
    retryAttempts: Number.POSITIVE_INFINITY,
    // By our count: graphql-ws begins anew with each connection, however short it was.
    retryWait: () => losses.wait(),
    // Also if there was no connection yet, which it takes for fatal by itself.
    shouldRetry: (reason) => (reason as { readonly code?: unknown }).code !== forbidden,
    generateID: () => {
      operations += 1;
      return String(operations);
    },
    ...options,
    webSocketImpl: withErrorListener(webSocketImpl),
    url: async () => {
      await losses.waitIfDue();
      silence.expect(connectMs);
      return typeof url === 'function' ? await url() : url;
    },
  });
  const silence = new Silence(() => client.terminate());
  client.on('connected', () => {
    silence.over();
    losses.connected();
  });
  client.on('message', ({ type }) => {
    if (type === 'next') losses.served();
  });
  client.on('closed', () => {
    silence.over();
    losses.lost(subscriptions.size > 0);
  });
  client.on('ping', (isReceived) => {
    if (!isReceived) silence.expect(pongMs);
  });
  client.on('pong', (isReceived) => {
    if (isReceived) silence.over();
  });
  return endedByDispose(client, subscriptions);
}

/** Waits for a sign of the server. */
class Silence {
  readonly #end: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(end: () => void) {
    this.#end = end;
  }

  expect(withinMs: number): void {
    this.over();
    this.#timer = setTimeout(this.#end, withinMs);
  }

  over(): void {
    clearTimeout(this.#timer);
  }
}

/** By itself graphql-ws connects again for who subscribes after `dispose`. */
function endedByDispose(client: Client, subscriptions: Set<object>): Client {
  let isDisposed = false;
  const subscribe: SubscriptionClient['subscribe'] = (payload, sink) => {
    if (isDisposed) {
      const error = new ClientDisposedError('The client was disposed of.');
      queueMicrotask(() => sink.error(error));
      return () => {};
    }
    const subscription = {};
    subscriptions.add(subscription);
    const ended = () => subscriptions.delete(subscription);
    return client.subscribe(payload, {
      next: (result) => sink.next(result),
      error(error) {
        ended();
        sink.error(error);
      },
      complete() {
        ended();
        sink.complete();
      },
    });
  };
  return {
    ...wrapClient(client, subscribe),
    async dispose() {
      isDisposed = true;
      await client.dispose();
    },
  };
}
