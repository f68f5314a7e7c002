import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { bundled } from '../support/bundled.ts';
import { spawnTied } from '../support/tied-process.ts';
import { until } from '../support/until.ts';
import type { Settings } from './settings.ts';

const program = fileURLToPath(new URL('server-program.ts', import.meta.url));

/** A server in a process of its own, to be stopped; see server-program.ts. Ends with the test. */
export class StoppedServer {
  readonly url: string;
  /** Resolves when it has ended: to its exit code, or to the signal that has killed it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? signal));
    });
  }

  /** Resolves when it listens. */
  static async start(settings: Settings): Promise<StoppedServer> {
    const args = [await bundled(program), JSON.stringify(settings)];
    const child = spawnTied(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      return new StoppedServer(child, line);
    }
    throw new Error('Expected the server to say where it listens.');
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when it says that it is not ready: its closing has begun. */
  async isClosing(): Promise<void> {
    const isReady = async () => (await fetch(`${this.url}/readyz`)).status === 200;
    await until(async () => !(await isReady()), 'it is closing');
  }

  /** Lets its patient tasks end. */
  async release(): Promise<void> {
    await fetch(`${this.url}/release`);
  }
}
