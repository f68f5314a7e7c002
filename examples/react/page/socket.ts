import { useSyncExternalStore } from 'react';
import { createReconnectingClient, trackVersions, withDeltas } from 'statewire/client';

export const httpUrl = new URL('/graphql', location.href).href;

/**
 * What subscriptions go over, whatever the GraphQL client: one WebSocket that comes
 * back by itself, small diffs on it, and knowledge of what it has shown.
 */
export const socket = trackVersions(
  withDeltas(createReconnectingClient({ url: httpUrl.replace('http', 'ws') })),
);

type Connection = 'connecting' | 'live' | 'reconnecting';

let connection: Connection = 'connecting';

const read = () => connection;

function listen(onChange: () => void): () => void {
  const set = (next: Connection) => () => {
    connection = next;
    onChange();
  };
  const connected = socket.on('connected', set('live'));
  const closed = socket.on('closed', set('reconnecting'));
  return () => {
    connected();
    closed();
  };
}

/** How the WebSocket is. */
export function useConnection(): Connection {
  return useSyncExternalStore(listen, read);
}
