import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { bundled } from '../support/bundled.ts';
import { SocketClient } from '../support/socket-client.ts';
import { end, spawnTied } from '../support/tied-process.ts';
import type { Settings } from './settings.ts';

const program = fileURLToPath(new URL('node-program.ts', import.meta.url));

const maxStarts = 5;

/** A node in a process of its own, with a client; see node-program.ts. Ends with the test. */
export class TaskNode {
  /** Of one that serves clients. */
  readonly client: SocketClient;
  readonly url: string;
  /** Resolves when it has ended: to its exit code, or to the signal that has killed it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, said: string, ended: TaskNode['ended']) {
    this.#child = child;
    this.url = said;
    this.client = new SocketClient(said);
    this.ended = ended;
  }

  /**
   * Resolves when it listens, or works. One that does not get so far is started again, as a
   * supervisor would: with a short lease a busy machine may not hear from Redis in time.
   */
  static async start(settings: Settings): Promise<TaskNode> {
    for (let start = 1; start <= maxStarts; start += 1) {
      const node = await TaskNode.#startOnce(settings);
      if (node) return node;
    }
    throw new Error(`Expected the node ${settings.name} to start.`);
  }

  static async #startOnce(settings: Settings): Promise<TaskNode | null> {
    const args = [await bundled(program), JSON.stringify(settings)];
    const child = spawnTied(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended: TaskNode['ended'] = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? signal));
    });
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      return new TaskNode(child, line, ended);
    }
    return null;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await end(this.#child, 'SIGKILL');
    await this.client.close();
  }

  /** SIGTERM; resolves to how it has ended. */
  async stop(): Promise<number | NodeJS.Signals | null> {
    await end(this.#child, 'SIGTERM');
    await this.client.close();
    return this.ended;
  }
}

/** One that ends with the test. */
export async function startNode(settings: Settings): Promise<TaskNode> {
  const node = await TaskNode.start(settings);
  onTestFinished(() => node.kill());
  return node;
}
