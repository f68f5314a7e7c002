import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { SocketClient } from '../../support/socket-client.ts';
import { end, spawnTied } from '../../support/tied-process.ts';

/** A node of a cluster in a process of its own, with a client; see node-program.ts. Ends with the test. */
export class NodeProcess {
  readonly url: string;
  readonly client: SocketClient;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    this.client = new SocketClient(url);
  }

  static async start(redisUrl: string, leaseMs: number): Promise<NodeProcess> {
    const program = 'test/store/redis/node-program.ts';
    const args = ['--import', 'tsx', program, redisUrl, `${leaseMs}`];
    const child = spawnTied(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const url of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      const node = new NodeProcess(child, url);
      onTestFinished(() => node.kill());
      return node;
    }
    throw new Error('Expected the node to say where it listens.');
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await end(this.#child, 'SIGKILL');
    await this.client.close();
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    await end(this.#child, 'SIGTERM');
    await this.client.close();
  }

  /** SIGSTOP. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  /** SIGCONT. */
  resume(): void {
    this.#child.kill('SIGCONT');
  }
}
