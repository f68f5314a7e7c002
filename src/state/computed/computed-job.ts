import type { StateDefinition } from '../definitions.ts';
import type { ComputedResult } from '../snapshot.ts';

/** One computed var in an evaluation: to be done, under way, or done. */
export class ComputedJob {
  readonly definition: StateDefinition;
  readonly name: string;
  result: ComputedResult | null = null;
  /** Resolves when it is done; null before it has begun, and if it never waited. */
  pending: Promise<void> | null = null;
  /** Whether its function is on the stack. */
  running = false;
  /** The one it read that is not done. */
  waitsFor: ComputedJob | null = null;

  constructor(definition: StateDefinition, name: string) {
    this.definition = definition;
    this.name = name;
  }

  get label(): string {
    return `${this.definition.name}.${this.name}`;
  }

  /** Whether it cannot be done before the other is. */
  isWaitingFor(other: ComputedJob): boolean {
    for (let job: ComputedJob | null = this; job; job = job.waitsFor) {
      if (job === other) return true;
    }
    return false;
  }
}
