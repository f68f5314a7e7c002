import type { FaultKind } from './faults/faults.ts';
import type { Violation } from './history.ts';
import type { TokenLoad } from './load/token-load.ts';

export interface ChaosReport {
  readonly seed: number;
  readonly seconds: number;
  readonly acknowledged: number;
  /** Answered with an error, by its code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly unknown: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Tokens that were checked. */
  readonly tokens: number;
  /** Tasks whose exit a failover took back, or the record that they run. */
  readonly tasksWithoutExit: number;
  /** Subscriptions that went on from their cursor on a new connection. */
  readonly resumed: number;
  /** Subscriptions that were given a snapshot again. */
  readonly resets: number;
  /** Errors that ended subscriptions, by their code. */
  readonly refusedSubscriptions: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
}

function countAll<Kind extends string>(kinds: Iterable<Kind>): Partial<Record<Kind, number>> {
  const counts: Partial<Record<Kind, number>> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** What the clients of tokens were told, in numbers. */
export class Tally {
  acknowledged = 0;
  unknown = 0;
  resumed = 0;
  resets = 0;
  tasksWithoutExit = 0;
  readonly refused: string[] = [];
  readonly refusedSubscriptions: string[] = [];

  add({ seats, operations }: TokenLoad): void {
    for (const { outcome } of operations) {
      if (outcome.kind === 'refused') this.refused.push(outcome.code);
      else if (outcome.kind === 'unknown') this.unknown += 1;
      else this.acknowledged += 1;
    }
    for (const seat of seats) {
      this.resumed += seat.resumed;
      this.resets += seat.resets;
      this.refusedSubscriptions.push(...seat.refusedSubscriptions);
    }
  }

  summary() {
    const { acknowledged, unknown, resumed, resets, tasksWithoutExit } = this;
    return {
      ...{ acknowledged, unknown, resumed, resets, tasksWithoutExit },
      refused: countAll(this.refused) as Record<string, number>,
      refusedSubscriptions: countAll(this.refusedSubscriptions) as Record<string, number>,
    };
  }
}
