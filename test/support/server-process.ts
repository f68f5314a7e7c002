import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { bundled } from './bundled.ts';
import { end, spawnTied } from './tied-process.ts';

export interface ServerProgram {
  /** The path of a TypeScript program that says where it listens. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** How much of what it said last of its errors is kept. */
const maxSaid = 4_000;

/** A server in a process of its own. */
export class ServerProcess {
  readonly url: string;
  /** Resolves when it has ended, to why. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    { url, ended }: { readonly url: string; readonly ended: Promise<string> },
  ) {
    this.#child = child;
    this.url = url;
    this.ended = ended;
  }

  /** Resolves when it listens. `onError` gets what it writes to stderr, which is shown by default. */
  static async start(
    { program, args = [], env = {} }: ServerProgram,
    onError: (text: string) => void = (text) => process.stderr.write(text),
  ): Promise<ServerProcess> {
    const child = spawnTied(process.execPath, [await bundled(program), ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-maxSaid);
      onError(String(chunk));
    });
    const ended = new Promise<string>((resolve) => {
      child.once('close', (code, signal) => resolve(`it ended with ${code ?? signal}: ${said}`));
    });
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      const url = /http:\/\/[\w.]+:\d+/.exec(line)?.[0];
      if (url) return new ServerProcess(child, { url, ended });
    }
    throw new Error(`Expected ${program} to say where it listens: ${await ended}`);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await end(this.#child, 'SIGKILL');
  }

  /** SIGTERM, as a supervisor stops it. */
  async stop(): Promise<void> {
    await end(this.#child, 'SIGTERM');
  }

  /** SIGSTOP: its connections stay, and it does nothing. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  /** SIGCONT. */
  resume(): void {
    this.#child.kill('SIGCONT');
  }
}
