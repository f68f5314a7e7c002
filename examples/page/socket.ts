import type { Client } from 'graphql-ws';
import { createReconnectingClient, withDeltas } from 'statewire/client';

export type Connection = 'connecting' | 'live' | 'reconnecting';

/** The GraphQL endpoint of the server that the page came from. */
export const httpUrl = new URL('/graphql', location.href).href;

/**
 * Subscriptions, over one WebSocket that comes back by itself.
 *
 * @param onConnection Called whenever the WebSocket's condition changes.
 */
export function openSocket(onConnection: (connection: Connection) => void): Client {
  const client = createReconnectingClient({
    url: httpUrl.replace('http', 'ws'),
    // Longer than it takes to subscribe again with another token.
    lazyCloseTimeout: 5_000,
  });
  client.on('connecting', (isRetry) => onConnection(isRetry ? 'reconnecting' : 'connecting'));
  client.on('connected', () => onConnection('live'));
  client.on('closed', () => onConnection('reconnecting'));
  return withDeltas(client);
}
