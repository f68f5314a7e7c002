import { useSyncExternalStore } from 'react';
import { trackVersions } from 'statewire/client';
import { type Connection, openSocket } from '../../page/socket.ts';

let connection: Connection = 'connecting';
const listeners = new Set<() => void>();

/**
 * What subscriptions go over, whatever the GraphQL client: one WebSocket that comes
 * back by itself, small diffs on it, and knowledge of what it has shown.
 */
export const socket = trackVersions(
  openSocket((now) => {
    connection = now;
    for (const listener of listeners) listener();
  }),
);

const read = () => connection;

function listen(onChange: () => void): () => void {
  listeners.add(onChange);
  return () => listeners.delete(onChange);
}

/** How the WebSocket is. */
export function useConnection(): Connection {
  return useSyncExternalStore(listen, read);
}
