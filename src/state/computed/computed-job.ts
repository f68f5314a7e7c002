import type { StateDefinition } from '../definitions.ts';
import type { ComputedResult } from '../snapshot.ts';

/**
 * - `idle`: nobody has asked for it.
 * - `checking`: it asks those that it read last time for their results.
 * - `checked`: it has asked them all, and some have none yet.
 * - `running`: its function is on the stack.
 * - `waiting`: its function waits, or will run again when another is done.
 */
type Phase = 'idle' | 'checking' | 'checked' | 'running' | 'waiting';

/** One computed var in an evaluation. */
export class ComputedJob {
  readonly definition: StateDefinition;
  readonly name: string;
  phase: Phase = 'idle';
  /** Those without a result that it cannot go on without. */
  readonly blockedBy = new Set<ComputedJob>();
  #result: ComputedResult | null = null;
  readonly #waiters: (() => void)[] = [];

  constructor(definition: StateDefinition, name: string) {
    this.definition = definition;
    this.name = name;
  }

  get label(): string {
    return `${this.definition.name}.${this.name}`;
  }

  get result(): ComputedResult | null {
    return this.#result;
  }

  /** Whether its earlier result may stand. */
  get isInQuestion(): boolean {
    return this.phase === 'checking' || this.phase === 'checked';
  }

  /** Whether its function has begun: it needs those that block it, whatever their results. */
  get isUnderWay(): boolean {
    return this.phase === 'running' || this.phase === 'waiting';
  }

  /** Resolves when it has its result. */
  get done(): Promise<void> {
    if (this.#result) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  /** The first result counts. */
  finish(result: ComputedResult): void {
    if (this.#result) return;
    this.#result = result;
    this.blockedBy.clear();
    for (const resolve of this.#waiters) resolve();
  }

  /** This one and all without a result that it cannot be done without. */
  needed(): Set<ComputedJob> {
    const found = new Set<ComputedJob>([this]);
    // A set may grow while it is iterated over.
    for (const job of found) {
      for (const other of job.blockedBy) if (!other.result) found.add(other);
    }
    return found;
  }

  /** A way from this one to another that it needs, over jobs that fit; null if there is none. */
  wayTo(
    target: ComputedJob,
    fits: (job: ComputedJob) => boolean = () => true,
    seen = new Set<ComputedJob>(),
  ): ComputedJob[] | null {
    if (this.#result || seen.has(this) || !fits(this)) return null;
    if (this === target) return [this];
    seen.add(this);
    for (const other of this.blockedBy) {
      const way = other.wayTo(target, fits, seen);
      if (way) return [this, ...way];
    }
    return null;
  }
}
