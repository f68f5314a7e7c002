import { firstTicks, tickMs, untilDue } from './ticks.ts';

/** Ticks by a timer for each token, as servers without tasks of their own have them. */
export class TimerTicks {
  readonly #timers = new Set<NodeJS.Timeout>();

  start(tokens: readonly string[], tick: (token: string, due: number) => void): void {
    const dueTimes = firstTicks(tokens.length);
    for (const [index, token] of tokens.entries())
      this.#run(dueTimes[index] ?? 0, (due) => tick(token, due));
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #run(due: number, tick: (due: number) => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      tick(due);
      this.#run(due + tickMs, tick);
    }, untilDue(due));
    this.#timers.add(timer);
  }
}
