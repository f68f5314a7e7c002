import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { bundle } from '../bundle.ts';
import type { Answers, Asked, Contender, Question, Told } from './channel.ts';
import { profileOf } from './profile.ts';

const programs = new Map<Contender, string>();

/** The path of the contender's program, built at the first call. */
function programOf(contender: Contender): string {
  let program = programs.get(contender);
  if (!program) {
    program = bundle(fileURLToPath(new URL(`${contender}/contender.ts`, import.meta.url)));
    programs.set(contender, program);
  }
  return program;
}

/** A contender's server, in a process of its own until it is stopped. */
export class ContenderProcess {
  readonly contender: Contender;
  readonly port: number;
  /** From the fork until it listens. */
  readonly startMs: number;
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: never) => void>();
  #asked = 0;

  private constructor(
    contender: Contender,
    process: ChildProcess,
    started: { readonly port: number; readonly startMs: number },
  ) {
    this.contender = contender;
    this.port = started.port;
    this.startMs = started.startMs;
    this.#process = process;
    process.on('message', (told: Told) => {
      if (!('id' in told)) return;
      this.#waiting.get(told.id)?.(told.answer as never);
      this.#waiting.delete(told.id);
    });
  }

  static async start(contender: Contender): Promise<ContenderProcess> {
    const program = programOf(contender);
    const start = performance.now();
    const child = fork(program, {
      execArgv: ['--expose-gc', ...profileOf(contender)],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const [told] = (await Promise.race([once(child, 'message'), failed(contender, child)])) as [
      Told,
    ];
    if (!('listening' in told)) throw new Error(`Expected ${contender} to listen first.`);
    const startMs = performance.now() - start;
    return new ContenderProcess(contender, child, { port: told.listening, startMs });
  }

  ask<Asking extends Question>(question: Asking): Promise<Answers[Asking['ask']]> {
    this.#asked += 1;
    const asked: Asked = { id: this.#asked, question };
    this.#process.send(asked);
    return new Promise((resolve) => this.#waiting.set(asked.id, resolve));
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.disconnect();
    await exit;
  }
}

async function failed(contender: Contender, child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`${contender} exited with ${code} before it was listening.`);
}
