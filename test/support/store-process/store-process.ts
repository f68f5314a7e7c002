import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { bundled } from '../bundled.ts';
import type { Answer, Order, StoreSettings } from './messages.ts';

const program = await bundled(fileURLToPath(new URL('program.ts', import.meta.url)));

/** Another process with a store. It ends with the test. */
export class StoreProcess {
  readonly child: ChildProcess;
  /** What came of opening the store. */
  readonly opened: Promise<Answer>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #orders = 0;

  /** @param wrapper a command, with arguments, that runs the process. */
  constructor(settings: StoreSettings, wrapper: readonly string[] = []) {
    const [execPath, ...execArgv] = [...wrapper, process.execPath];
    this.child = fork(program, [JSON.stringify(settings)], {
      execPath,
      execArgv,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.child.on('message', ({ id, answer }: { id: number; answer: Answer }) => {
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
    this.child.on('exit', (code, signal) => {
      const message = `the process ended with ${code ?? signal}`;
      for (const settle of this.#waiting.values()) {
        settle({ kind: 'refused', code: 'ENDED', message });
      }
    });
    this.opened = this.#answer(0);
    onTestFinished(() => this.kill());
  }

  /** Rejects never: what went wrong is an answer too. */
  tell(order: Order): Promise<Answer> {
    this.#orders += 1;
    const answer = this.#answer(this.#orders);
    this.child.send({ id: this.#orders, order });
    return answer;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  #answer(id: number): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }
}
