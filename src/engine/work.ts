import type { Clock } from '../time/clock.ts';
import { settledWithin } from '../time/settled-within.ts';

/** Events, tasks and what they start, until they have settled. */
export class Work {
  readonly #running = new Set<Promise<unknown>>();

  get isUnderWay(): boolean {
    return this.#running.size > 0;
  }

  track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    const forget = () => this.#running.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Waits for what is under way now, and for nothing that it starts. */
  async atHandWithin(time: { readonly clock: Clock; readonly ms: number }): Promise<void> {
    await settledWithin(this.settled(), time);
  }

  /** Resolves when all that is under way now has settled. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}

/** Waits for all of it, also for what it starts meanwhile, but no longer than `ms`. */
export async function allSettledWithin(
  works: readonly Work[],
  time: { readonly clock: Clock; readonly ms: number },
): Promise<void> {
  await settledWithin(allSettled(works), time);
}

async function allSettled(works: readonly Work[]): Promise<void> {
  while (works.some(({ isUnderWay }) => isUnderWay)) {
    for (const work of works) await work.settled();
  }
}
