import type { SubscriptionClient } from './subscription-client.ts';

/** How the one connection of a client of graphql-ws is; other clients are taken to be connected. */
export interface ClientConnection {
  readonly isUp: boolean;
  /** Calls the listener after each change. Returns how to stop. */
  listen(listener: () => void): () => void;
}

const connections = new WeakMap<SubscriptionClient, ClientConnection>();

/** Asked for once, it is known for as long as the client lives: what there was before is not told. */
export function connectionOf(client: SubscriptionClient): ClientConnection {
  const known = connections.get(client) ?? observe(client);
  connections.set(client, known);
  return known;
}

function observe(client: SubscriptionClient): ClientConnection {
  const listeners = new Set<() => void>();
  let isUp = true;
  const set = (next: boolean) => () => {
    isUp = next;
    for (const listener of [...listeners]) listener();
  };
  client.on?.('connected', set(true));
  client.on?.('closed', set(false));
  return {
    get isUp() {
      return isUp;
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
