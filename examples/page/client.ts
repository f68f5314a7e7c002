import { Client, type ExecutionResult, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';

export type Connection = 'connecting' | 'live' | 'reconnecting';

/**
 * A GraphQL client for the server that the page came from: queries and
 * mutations over HTTP, subscriptions over one WebSocket. When the socket
 * breaks it comes back by itself and subscribes again, so that every
 * subscription gets a fresh snapshot.
 *
 * @param onConnection Called whenever the WebSocket's condition changes.
 */
export function createPageClient(onConnection: (connection: Connection) => void): Client {
  const url = new URL('/graphql', location.href);
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol.replace('http', 'ws');

  const socket = createClient({
    url: socketUrl.href,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => delay(Math.min(250 * 2 ** retries, 4_000)),
    // Longer than it takes to subscribe again with another token.
    lazyCloseTimeout: 5_000,
    on: {
      connecting: (isRetry) => onConnection(isRetry ? 'reconnecting' : 'connecting'),
      connected: () => onConnection('live'),
      closed: () => onConnection('reconnecting'),
    },
  });

  return new Client({
    url: url.href,
    preferGetMethod: false,
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query, variables },
              {
                next: (result) => sink.next(result as ExecutionResult),
                error: (error) => sink.error(error),
                // States never end, so an end is as good as a broken connection.
                complete: () => sink.error(new Error('The server ended the subscription.')),
              },
            ),
          }),
        }),
      }),
    ],
  });
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
