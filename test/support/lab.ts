import SchemaBuilder from '@pothos/core';
import {
  type App,
  type AppOptions,
  createApp,
  type ErrorSource,
  type StateStore,
  statewire,
} from 'statewire';
import type { Server } from 'statewire/server';
import { onTestFinished } from 'vitest';
import { assembleServer } from '../../src/server/create-server.ts';
import type { Clock } from '../../src/time/clock.ts';
import { SocketClient } from './socket-client.ts';

export interface LabContext {
  readonly user?: string;
}

/** Scalars that a test may define. */
type LabScalars = {
  readonly BigInt: { Input: bigint; Output: bigint };
  readonly Instant: { Input: Date; Output: Date };
  readonly Scores: { Input: Map<string, number>; Output: Map<string, number> };
  readonly Tags: { Input: Set<string>; Output: Set<string> };
};

export function createBuilder() {
  return new SchemaBuilder<{ Context: LabContext; Scalars: LabScalars }>({
    plugins: [statewire()],
  });
}

export type LabBuilder = ReturnType<typeof createBuilder>;

export type StoreFactory = () => StateStore | Promise<StateStore>;

interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly details: Record<string, unknown>;
  readonly message: string;
}

/** A real server on a free port, with one client; both end with the test. */
export interface Lab {
  readonly app: App<LabContext>;
  readonly server: Server;
  readonly store: StateStore;
  readonly url: string;
  readonly client: SocketClient;
  /** Another client, on a socket of its own. */
  connect(): SocketClient;
  /** What `onError` was called with. */
  readonly failures: { readonly error: unknown; readonly source: ErrorSource }[];
  readonly logs: LogLine[];
}

export type LabOptions = Partial<Omit<AppOptions<LabContext>, 'schema' | 'store'>>;

interface ServerSettings {
  readonly graceMs?: number;
  /** When the server looks at its connections. */
  readonly clock?: Clock;
}

/** Starts a server for the states that `define` adds to a builder. */
export async function startLab(
  createStore: StoreFactory,
  define: (builder: LabBuilder) => void,
  options: LabOptions = {},
  { graceMs = 0, clock }: ServerSettings = {},
): Promise<Lab> {
  const builder = createBuilder();
  define(builder);
  const failures: Lab['failures'] = [];
  const logs: LogLine[] = [];
  const log =
    (level: LogLine['level']) =>
    (details: object, message: string): void => {
      logs.push({ level, details: details as Record<string, unknown>, message });
    };
  const store = await createStore();
  const app = createApp<LabContext>({
    schema: builder.toSchema(),
    store,
    development: true,
    onError: (error, source) => failures.push({ error, source }),
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    ...options,
  });
  const server = assembleServer<LabContext>(
    app,
    {
      handleSignals: false,
      graceMs,
      context: ({ connectionParams }) => ({ user: String(connectionParams?.['user'] ?? 'nobody') }),
    },
    clock,
  );
  const url = await server.listen(0, '127.0.0.1');
  const clients: SocketClient[] = [];
  const connect = () => {
    const client = new SocketClient(url);
    clients.push(client);
    return client;
  };
  onTestFinished(async () => {
    for (const client of clients) await client.close();
    await server.close();
  });
  return { app, server, store, url, client: connect(), connect, failures, logs };
}
