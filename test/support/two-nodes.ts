import { type App, createApp, type StateStore } from 'statewire';
import { createServer } from 'statewire/server';
import { onTestFinished } from 'vitest';
import { createBuilder, type LabBuilder, type LabContext, type LabOptions } from './lab.ts';
import { silentLogger } from './silent-logger.ts';
import { SocketClient } from './socket-client.ts';

interface Node {
  readonly app: App<LabContext>;
  readonly client: SocketClient;
}

/** Two apps on what `open` opens, as two nodes; they end with the test. */
export async function startTwoNodes(
  open: () => StateStore | Promise<StateStore>,
  define: (builder: LabBuilder) => void,
  options: LabOptions = {},
): Promise<{ readonly a: Node; readonly b: Node }> {
  const builder = createBuilder();
  define(builder);
  const schema = builder.toSchema();
  const startNode = async (): Promise<Node> => {
    const app = createApp<LabContext>({
      ...{ schema, store: await open(), development: true },
      ...{ logger: silentLogger, onError: () => {} },
      ...options,
    });
    const server = createServer(app, { handleSignals: false, graceMs: 0 });
    const client = new SocketClient(await server.listen(0, '127.0.0.1'));
    onTestFinished(async () => {
      await client.close();
      await server.close();
    });
    return { app, client };
  };
  const [a, b] = [await startNode(), await startNode()];
  return { a, b };
}
