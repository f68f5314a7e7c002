import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { ServerProcess } from '../../support/server-process.ts';
import { SocketClient } from '../../support/socket-client.ts';

/** What has happened to the tasks of a process, by their ids. */
export interface Sights {
  /** Whose handlers have begun. */
  readonly began: string[];
  /** When their signals aborted. */
  readonly abortedAt: Record<string, number>;
  /** How often they were refused a lock. */
  readonly refused: Record<string, number>;
  /** How their lock ended. */
  readonly settled: Record<string, string>;
}

const program = fileURLToPath(new URL('cancel-program.ts', import.meta.url));

/** A node, with a client; see cancel-program.ts. Ends with the test. */
export class CancelNode {
  readonly client: SocketClient;
  readonly #server: ServerProcess;

  private constructor(server: ServerProcess) {
    this.#server = server;
    this.client = new SocketClient(server.url);
  }

  static async start(redisUrl: string, leaseMs: number): Promise<CancelNode> {
    const server = await ServerProcess.start({ program, args: [redisUrl, `${leaseMs}`] });
    const node = new CancelNode(server);
    onTestFinished(() => node.kill());
    return node;
  }

  async sights(): Promise<Sights> {
    return (await (await fetch(`${this.#server.url}/sights`)).json()) as Sights;
  }

  /** Starts a task on this node: `listen`, or `block` with its arguments. */
  async startTask(name: string, args = ''): Promise<string> {
    const field = `job${name[0]?.toUpperCase()}${name.slice(1)}`;
    return (await this.client.run(`mutation { ${field}(token: "T"${args}) { id } }`)).id;
  }

  async cancel(id: string): Promise<string> {
    const query = `mutation { cancelTask(token: "T", id: "${id}") { status } }`;
    return (await this.client.run(query)).status;
  }

  async job(): Promise<{ version: number; n: number; notes: string[] }> {
    return this.client.run('{ job(token: "T") { version n notes } }');
  }

  async statusOf(id: string): Promise<string> {
    const tasks = await this.client.run('{ tasks(token: "T") { id status } }');
    return tasks.find((task: { id: string }) => task.id === id)?.status;
  }

  pause(): void {
    this.#server.pause();
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#server.kill();
    await this.client.close();
  }
}
