import type { Clock } from '../time/clock.ts';
import { maxTimerMs } from '../time/max-timer-ms.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import type { DurableHost, DurableTasks } from './durable-tasks.ts';

/** Where a task is. */
export interface TaskPlace {
  readonly key: TokenKey;
  readonly id: string;
}

interface DurableQueueOptions extends Pick<DurableTasks, 'read' | 'claim'> {
  /** Those that a former process has left. */
  readonly found: readonly TaskPlace[];
  readonly clock: Clock;
}

/**
 * The durable tasks of a store that belongs to this process: all run here, each once at
 * a time. What is on record is the queue; this knows who waits for its turn, and who runs.
 */
export class DurableQueue implements DurableTasks {
  readonly read: DurableTasks['read'];
  readonly claim: DurableTasks['claim'];
  readonly #clock: Clock;
  /** Those to be told of when it starts. */
  readonly #found = new Map<string, TaskPlace>();
  /** What ends the wait of those that are to run. */
  readonly #waiting = new Map<string, () => void>();
  readonly #running = new Set<string>();
  #host: DurableHost | null = null;
  #isPaused = false;

  constructor({ found, clock, read, claim }: DurableQueueOptions) {
    this.read = read;
    this.claim = claim;
    this.#clock = clock;
    for (const place of found) this.#found.set(nameOf(place), place);
  }

  /** Whether tasks run, or wait to be run. */
  get isBusy(): boolean {
    return this.#waiting.size + this.#running.size > 0;
  }

  async start(host: DurableHost): Promise<void> {
    this.#host = host;
    const found = [...this.#found.values()];
    this.#found.clear();
    for (const { key, id } of found) host.onFound(key, id);
  }

  async handOver(key: TokenKey, id: string): Promise<void> {
    const place = { key, id };
    if (this.#host) this.#runAfter(this.#host, place, 0);
    // Nobody runs it yet: it is as one that was left.
    else if (!this.#isPaused) this.#found.set(nameOf(place), place);
  }

  async withdraw(key: TokenKey, id: string): Promise<boolean> {
    const name = nameOf({ key, id });
    this.#found.delete(name);
    this.#waiting.get(name)?.();
    this.#waiting.delete(name);
    return !this.#running.has(name);
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    this.#found.clear();
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  #runAfter(host: DurableHost, place: TaskPlace, ms: number): void {
    const name = nameOf(place);
    if (this.#isPaused || this.#waiting.has(name) || this.#running.has(name)) return;
    const run = () => void this.#run(host, place);
    // Rather too early than at once, which is what a timer makes of a longer time.
    this.#waiting.set(name, this.#clock.after(Math.min(ms, maxTimerMs), run));
  }

  async #run(host: DurableHost, place: TaskPlace): Promise<void> {
    const name = nameOf(place);
    this.#waiting.delete(name);
    this.#running.add(name);
    const againMs = await host.run(place.key, place.id);
    this.#running.delete(name);
    if (againMs !== null) this.#runAfter(host, place, againMs);
  }
}

function nameOf({ key, id }: TaskPlace): string {
  return key + id;
}
