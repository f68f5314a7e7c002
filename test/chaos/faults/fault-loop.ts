import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../nodes/cluster.ts';
import type { Random } from '../random.ts';
import { type FaultKind, faults } from './faults.ts';
import type { RedisPair } from './redis-pair.ts';

export interface FaultLoopOptions {
  readonly redis: RedisPair;
  readonly cluster: Cluster;
  readonly random: Random;
  readonly kinds: readonly FaultKind[];
  readonly leaseMs: number;
}

/** From one fault to the next, in ms. */
const gapMs = [400, 1_600] as const;

/** Injects faults at random, and beside each other where they can be. */
export class FaultLoop {
  readonly counts = new Map<FaultKind, number>();
  readonly #options: FaultLoopOptions;
  /** Targets that a fault is done to just now: slots of nodes, and the others by name. */
  readonly #busy = new Set<number | string | null>();
  readonly #underWay = new Set<Promise<void>>();
  /** A fault that could not be brought to its end: Redis is not there any more. */
  #failure: unknown = null;

  constructor(options: FaultLoopOptions) {
    this.#options = options;
  }

  /** Goes on until the signal aborts; resolves when every fault is over. */
  async run(signal: AbortSignal): Promise<void> {
    const { random } = this.#options;
    while (!signal.aborted && !this.#failure) {
      await sleep(random.between(...gapMs), undefined, { signal }).catch(() => {});
      if (!signal.aborted) this.#injectOne();
    }
    await Promise.all(this.#underWay);
    if (this.#failure) throw this.#failure;
  }

  #injectOne(): void {
    const { random, kinds } = this.#options;
    const slot = this.#freeSlot();
    const choices = kinds.flatMap((kind) => {
      const targets = faults[kind].targets.map((target) => (target === 'node' ? slot : target));
      if (targets.some((target) => target === null || this.#busy.has(target))) return [];
      return Array.from({ length: faults[kind].weight }, () => ({ kind, targets }));
    });
    if (choices.length === 0) return;
    const { kind, targets } = random.pick(choices);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    for (const target of targets) this.#busy.add(target);
    const done = this.#inject(kind, slot ?? 0).finally(() => {
      for (const target of targets) this.#busy.delete(target);
      this.#underWay.delete(done);
    });
    this.#underWay.add(done);
  }

  async #inject(kind: FaultKind, slot: number): Promise<void> {
    try {
      await faults[kind].inject({ ...this.#options, slot });
    } catch (error) {
      // A command can meet another fault; but a Redis that is not brought back ends it all.
      if (faults[kind].mustSucceed) this.#failure ??= error;
    }
  }

  /** A node without a fault, if one more has none. */
  #freeSlot(): number | null {
    const { cluster, random } = this.#options;
    const slots = Array.from({ length: cluster.size }, (_, slot) => slot);
    const free = slots.filter((slot) => cluster.isRunning(slot) && !this.#busy.has(slot));
    return free.length < 2 ? null : random.pick(free);
  }
}
