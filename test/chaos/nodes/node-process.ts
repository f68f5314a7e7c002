import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { end, spawnTied } from '../../support/tied-process.ts';
import type { NodeSettings } from './settings.ts';

const program = fileURLToPath(new URL('node-program.ts', import.meta.url));

/** How much of what it said last is kept. */
const maxSaid = 4_000;

/** A node in a process of its own. */
export class NodeProcess {
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

  /** Resolves when it listens. */
  static async start(settings: NodeSettings): Promise<NodeProcess> {
    const child = spawnTied(
      process.execPath,
      ['--import', 'tsx', program, JSON.stringify(settings)],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    if (process.env['CHAOS_LOG']) child.stderr?.pipe(process.stderr);
    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-maxSaid);
    });
    const ended = new Promise<string>((resolve) => {
      child.once('close', (code, signal) => resolve(`it ended with ${code ?? signal}: ${said}`));
    });
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      if (line.startsWith('http')) return new NodeProcess(child, { url: line.trim(), ended });
    }
    throw new Error(`Expected a node to say where it listens: ${await ended}`);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await end(this.#child, 'SIGKILL');
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
