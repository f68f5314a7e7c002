import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import { ConnectionAttempts } from './connection-attempts.ts';
import { ClientDisposedError } from './graphql-errors.ts';
import { Silence } from './silence.ts';
import type { ResultSink, SubscriptionClient } from './subscription-client.ts';
import { withErrorListener } from './with-error-listener.ts';
import { wrapClient } from './wrap-client.ts';

/** How long a connection may be silent before the server is asked whether it is there. */
const keepAliveMs = 10_000;

/** How long its answer may take, and how long a connection may take to be made. */
const pongMs = 5_000;
const connectMs = 10_000;

const normalClosure = 1000;

/** The code by which a server says that who connects must not. */
const forbidden = 4403;

/** Codes by which a server says that it has failed. graphql-ws takes them for final. */
const passing: readonly unknown[] = [1011, 4500];

/**
 * A client of `graphql-ws` whose connection comes back however long it was away:
 * it tries for ever, with at most 8 s between two tries, and at once when a browser is
 * online again. A try ends after 10 s, and a server that has gone without a word is
 * noticed within 15 s. Its operations are numbered, which is shorter on the wire than
 * UUIDs. Close codes that say that it will not get better, 4401 and 4403 above all, end
 * its subscriptions, and so does `dispose`, for good.
 *
 * @param options those of `createClient` of `graphql-ws`; they win over these.
 */
export function createReconnectingClient(options: ClientOptions): Client {
  const { webSocketImpl = globalThis.WebSocket, url } = options;
  const attempts = new ConnectionAttempts(options.retryWait);
  let isDisposed = false;
  let operations = 0;

  /** Where to connect to, when it is time; a failure of the user's function is one of the connection. */
  const nextUrl = async (): Promise<string> => {
    for (;;) {
      await attempts.begin();
      try {
        const next = typeof url === 'function' ? await within(connectMs, url()) : url;
        silence.expectWithin(connectMs);
        return next;
      } catch {
        if (isDisposed) return 'ws://disposed.invalid';
      }
    }
  };

  const client = createClient({
    keepAlive: keepAliveMs,
    retryAttempts: Number.POSITIVE_INFINITY,
    // Also if there was no connection yet, which it takes for fatal by itself.
    shouldRetry: (reason) => codeOf(reason) !== forbidden,
    generateID: () => {
      operations += 1;
      return String(operations);
    },
    ...options,
    webSocketImpl: withErrorListener(webSocketImpl),
    url: nextUrl,
    // It does not wait after a normal closure, nor long enough after short connections.
    retryWait: () => Promise.resolve(),
  });

  const silence = new Silence(() => client.terminate());
  client.on('connected', () => attempts.connected());
  client.on('closed', (event) => attempts.closed(codeOf(event) === normalClosure));
  client.on('closed', () => silence.over());
  client.on('message', (message) => {
    silence.over();
    if (message.type === 'next') attempts.served(message.id);
  });
  client.on('ping', (isReceived) => {
    if (!isReceived) silence.expectWithin(pongMs);
  });

  const subscriptions = new Set<object>();

  const subscribe: SubscriptionClient['subscribe'] = (payload, sink) => {
    if (isDisposed) {
      const error = new ClientDisposedError('The client was disposed of.');
      queueMicrotask(() => sink.error(error));
      return () => {};
    }
    const subscription = {};
    const ended = () => {
      if (subscriptions.delete(subscription) && subscriptions.size === 0) attempts.left();
    };
    let end = () => {};
    const endingSink: ResultSink = {
      next: (result) => sink.next(result),
      error(error) {
        if (passing.includes(codeOf(error)) && subscriptions.has(subscription)) {
          end = client.subscribe(payload, endingSink);
          return;
        }
        ended();
        sink.error(error);
      },
      complete() {
        ended();
        sink.complete();
      },
    };
    subscriptions.add(subscription);
    // For somebody new there is no reason to wait.
    if (subscriptions.size === 1) attempts.hurry();
    end = client.subscribe(payload, endingSink);
    return () => {
      ended();
      end();
    };
  };

  return {
    ...wrapClient(client, subscribe),
    async dispose() {
      isDisposed = true;
      attempts.hurry();
      // It fails if it was just connecting, in vain.
      await Promise.resolve(client.dispose()).catch(() => {});
    },
  };
}

/** Of a `CloseEvent`; undefined for anything else. */
function codeOf(reason: unknown): unknown {
  return (reason as { readonly code?: unknown } | null | undefined)?.code;
}

/** Fails if it takes longer. */
async function within<Value>(ms: number, value: Value | Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Expected a URL within ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([value, late]);
  } finally {
    clearTimeout(timer);
  }
}
