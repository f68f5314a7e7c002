import { Client, fetchExchange } from '@urql/core';
import { createReconnectingClient, type SubscriptionClient, withDeltas } from 'statewire/client';

export type Connection = 'connecting' | 'live' | 'reconnecting';

const url = new URL('/graphql', location.href).href;

/** Queries and mutations, over HTTP to the server that the page came from. */
export function createPageClient(): Client {
  return new Client({ url, preferGetMethod: false, exchanges: [fetchExchange] });
}

/**
 * Subscriptions, over one WebSocket that comes back by itself.
 *
 * @param onConnection Called whenever the WebSocket's condition changes.
 */
export function openSocket(onConnection: (connection: Connection) => void): SubscriptionClient {
  const client = createReconnectingClient({
    url: url.replace('http', 'ws'),
    // Longer than it takes to subscribe again with another token.
    lazyCloseTimeout: 5_000,
  });
  client.on('connecting', (isRetry) => onConnection(isRetry ? 'reconnecting' : 'connecting'));
  client.on('connected', () => onConnection('live'));
  client.on('closed', () => onConnection('reconnecting'));
  return withDeltas(client);
}
