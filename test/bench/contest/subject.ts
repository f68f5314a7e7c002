import type { Answers, Asked, Question, Told } from './channel.ts';

/** A contender, inside its own process. */
export interface Subject {
  readonly port: number;
  makeTokens(count: number): string[];
  subscriptions(): number;
  /** Begins a background task for each token, which ticks at 2 Hz: see ticks.ts. */
  startTicks(tokens: readonly string[]): Promise<void> | void;
  stopTicks(): Promise<void> | void;
}

/** Answers the bench until it goes away. */
export function answerBench(subject: Subject): void {
  process.on('message', async ({ id, question }: Asked) => {
    tell({ id, answer: await answerTo(subject, question) });
  });
  // Ends also if the bench has died; `exit` writes the profile, if there is to be one.
  process.on('disconnect', () => process.exit(0));
  tell({ listening: subject.port });
}

async function answerTo(subject: Subject, question: Question): Promise<Answers[Question['ask']]> {
  switch (question.ask) {
    case 'tokens':
      return subject.makeTokens(question.count);
    case 'subscriptions':
      return subject.subscriptions();
    case 'startTicks':
      await subject.startTicks(question.tokens);
      return null;
    case 'stopTicks':
      await subject.stopTicks();
      return null;
    case 'usage': {
      const heapUsed = question.heap ? await heapInUse() : 0;
      const { user, system } = process.cpuUsage();
      return { cpuMicros: user + system, clockMicros: performance.now() * 1_000, heapUsed };
    }
  }
}

/** After two collections: what the first one finalises, the second one frees. */
async function heapInUse(): Promise<number> {
  for (let collection = 0; collection < 2; collection += 1) {
    globalThis.gc?.();
    await new Promise(setImmediate);
  }
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function tell(message: Told): void {
  process.send?.(message);
}
