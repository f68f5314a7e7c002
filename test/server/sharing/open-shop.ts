import { createClient as createSseClient } from 'graphql-sse';
import { type Client, createClient } from 'graphql-ws';
import { type App, createApp, type Logger, memoryStore } from 'statewire';
import { type SubscriptionClient, withDeltas } from 'statewire/client';
import { createServer } from 'statewire/server';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { silentLogger } from '../../support/silent-logger.ts';
import { SocketClient } from '../../support/socket-client.ts';
import { type ShopContext, type ShopSchema, shopSchema } from './shop-schema.ts';
import { Watcher } from './watcher.ts';

export type Role = 'staff' | 'customer';

export const roles: readonly Role[] = ['staff', 'customer'];

export interface ShopOptions {
  readonly shareKey?: (context: ShopContext) => string | null;
  /** How far a subscriber may be behind. */
  readonly maxLag?: number;
}

/** What says of whom it is that they see the same. */
export const byRole = ({ staff }: ShopContext) => (staff ? 'staff' : 'customer');

/** A server in its production settings, with one token; it ends with the test. */
export interface Shop extends ShopSchema {
  readonly app: App<ShopContext>;
  readonly url: string;
  readonly token: string;
  /** The errors that were logged. */
  readonly logged: unknown[];
  /** One event after the other, or all of them at once. */
  sell(times?: number, how?: 'in turn' | 'at once'): Promise<void>;
  run(mutation: string): Promise<void>;
  /** The server has its turn: it has done what it could do until now. */
  turn(): Promise<void>;
  /** A WebSocket, for any number of subscriptions. */
  connect(role: Role): Client;
  /** The same that asks for wire deltas. */
  connectWithDeltas(role: Role): SubscriptionClient;
  /** For subscriptions by server-sent events. */
  connectBySse(role: Role): SubscriptionClient;
  watch(
    client: SubscriptionClient,
    query: string,
    variables?: Readonly<Record<string, unknown>>,
  ): Watcher;
}

export async function openShop({ shareKey, maxLag = 64 }: ShopOptions = {}): Promise<Shop> {
  const made = shopSchema();
  const logged: unknown[] = [];
  const error: Logger['error'] = (details) =>
    logged.push((details as { readonly err: unknown }).err);
  const app = createApp<ShopContext>({
    ...{ schema: made.schema, store: memoryStore(), logger: { ...silentLogger, error } },
    eventContext: () => ({ staff: true }),
    limits: { maxLag },
  });
  const server = createServer<ShopContext>(app, {
    ...{ handleSignals: false, graceMs: 0 },
    context: ({ connectionParams, request }) => ({
      staff: (connectionParams?.['role'] ?? request.headers.get('x-role')) === 'staff',
    }),
    ...(shareKey ? { shareKey } : {}),
  });
  const url = await server.listen(0, '127.0.0.1');
  const token = app.issueToken();
  const cashier = new SocketClient(url);
  const ends: (() => unknown)[] = [() => cashier.close()];
  onTestFinished(async () => {
    for (const end of ends) await end();
    await server.close();
  });
  const run = async (mutation: string) => {
    await cashier.run(`mutation ($token: ID!) { ${mutation} }`, { token });
  };
  const connect = (role: Role) => {
    const client = createClient({
      ...{ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket },
      ...{ connectionParams: { role }, retryAttempts: 0 },
    });
    ends.push(() => client.dispose());
    return client;
  };
  return {
    ...{ ...made, app, url, token, logged, run, connect },
    async sell(times = 1, how = 'in turn') {
      const sales: Promise<void>[] = [];
      for (let sale = 0; sale < times; sale += 1) {
        sales.push(run('shopSell(token: $token) { version }'));
        if (how === 'in turn') await sales.at(-1);
      }
      await Promise.all(sales);
    },
    async turn() {
      await cashier.run('query ($token: ID!) { shop(token: $token) { n } }', { token });
    },
    connectWithDeltas: (role) => withDeltas(connect(role)),
    connectBySse(role) {
      const client = createSseClient({ url: `${url}/graphql`, headers: { 'x-role': role } });
      ends.push(() => client.dispose());
      return client as SubscriptionClient;
    },
    watch: (client, query, variables = {}) =>
      new Watcher(client, { query, variables: { token, ...variables } }),
  };
}
