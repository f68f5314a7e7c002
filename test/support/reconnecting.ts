import { createReconnectingClient } from 'statewire/client';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type Lab, type LabBuilder, type StoreFactory, startLab } from './lab.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** A client whose connection comes back, for as long as the test runs. */
export function connectTo(port: number, webSocketImpl: unknown = WebSocket) {
  const url = `ws://127.0.0.1:${port}/graphql`;
  const client = createReconnectingClient({ url, webSocketImpl });
  onTestFinished(() => client.dispose());
  return client;
}

/** A server, and a proxy before it by which its connections can be cut. */
export async function startProxied(
  createStore: StoreFactory,
  define: (builder: LabBuilder) => void,
): Promise<{ readonly lab: Lab; readonly proxy: TcpProxy }> {
  const lab = await startLab(createStore, define);
  const proxy = await TcpProxy.start(Number(new URL(lab.url).port));
  onTestFinished(() => proxy.close());
  return { lab, proxy };
}
