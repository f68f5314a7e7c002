import { onTestFinished } from 'vitest';
import { ServerProcess } from '../../support/server-process.ts';
import { SocketClient } from '../../support/socket-client.ts';

/** A node of a cluster, with a client; see node-program.ts. Ends with the test. */
export class NodeProcess {
  readonly client: SocketClient;
  readonly #server: ServerProcess;

  private constructor(server: ServerProcess) {
    this.#server = server;
    this.client = new SocketClient(server.url);
  }

  static async start(redisUrl: string, leaseMs: number): Promise<NodeProcess> {
    const program = 'test/store/redis/node-program.ts';
    const server = await ServerProcess.start({ program, args: [redisUrl, `${leaseMs}`] });
    const node = new NodeProcess(server);
    onTestFinished(() => node.kill());
    return node;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#server.kill();
    await this.client.close();
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    await this.#server.stop();
    await this.client.close();
  }

  pause(): void {
    this.#server.pause();
  }

  resume(): void {
    this.#server.resume();
  }
}
