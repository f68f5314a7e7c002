import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What can be held back: all, or only what the target says. */
export type Stall = 'both' | 'replies';

/** A TCP proxy whose target can change, and whose connections can be cut and stalled. */
export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  #target: number;
  #stall: Stall | null = null;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#accept(client));
  }

  /** In front of a port of this machine. */
  static async start(target: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  /** Sends new connections to another port, and cuts those there are. */
  retarget(port: number): void {
    this.#target = port;
    this.cut();
  }

  /** Cuts every connection; what is under way is lost. */
  cut(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Holds back what arrives, on these connections and on new ones, until {@link resume}. */
  stall(what: Stall): void {
    this.#stall = what;
    for (const connection of this.#connections) connection.flow(what);
  }

  resume(): void {
    this.#stall = null;
    for (const connection of this.#connections) connection.flow(null);
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    const connection = new ProxiedConnection(client, connect(this.#target, '127.0.0.1'));
    this.#connections.add(connection);
    connection.onClose = () => this.#connections.delete(connection);
    connection.flow(this.#stall);
  }
}

class ProxiedConnection {
  onClose = () => {};
  readonly #client: Socket;
  readonly #target: Socket;

  constructor(client: Socket, target: Socket) {
    this.#client = client;
    this.#target = target;
    for (const socket of [client, target]) {
      socket.setNoDelay();
      socket.on('error', () => this.destroy());
      socket.on('close', () => this.destroy());
    }
  }

  flow(stall: Stall | null): void {
    join(this.#client, this.#target, stall !== 'both');
    join(this.#target, this.#client, stall === null);
  }

  destroy(): void {
    this.#client.destroy();
    this.#target.destroy();
    this.onClose();
  }
}

function join(from: Socket, to: Socket, open: boolean): void {
  from.unpipe(to);
  if (open) from.pipe(to);
  else from.pause();
}
