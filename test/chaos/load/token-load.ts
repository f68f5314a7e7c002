import { setTimeout as sleep } from 'node:timers/promises';
import type { Observation, Operation } from '../history.ts';
import type { Cluster } from '../nodes/cluster.ts';
import type { Random } from '../random.ts';
import { type Order, Seat } from './seat.ts';

export interface TokenPlan {
  /** How many clients send; as many as there are nodes watch. */
  readonly writers: number;
  /** The mean of a writer's pause between two operations, in ms. */
  readonly pauseMs: number;
  /** After this version nothing more is sent. */
  readonly maxVersion: number;
  /** How many texts the state keeps. */
  readonly keep: number;
  /** How many tasks are started at most. */
  readonly maxTasks: number;
}

const refusedShare = 0.05;
const taskShare = 0.03;
const heldShare = 0.3;
/** How long those hold the lock, in ms. */
const holdMs = [1, 25] as const;

/** The clients of one token, one on each node, and what they do and see. */
export class TokenLoad {
  readonly token: string;
  readonly plan: TokenPlan;
  readonly seats: readonly Seat[];
  readonly #random: Random;
  #sent = 0;
  #tasks = 0;

  constructor(
    token: string,
    plan: TokenPlan,
    { cluster, random }: { readonly cluster: Cluster; readonly random: Random },
  ) {
    this.token = token;
    this.plan = plan;
    this.#random = random;
    // Who sends alone is now on this node, now on that.
    const from = Math.floor(random.between(0, cluster.size));
    this.seats = Array.from(
      { length: cluster.size },
      (_, slot) => new Seat(cluster, { token, slot: from + slot, keep: plan.keep }),
    );
  }

  /** Whether it gets more commits than its log holds. */
  get isLong(): boolean {
    return this.plan.keep < this.plan.maxVersion;
  }

  get operations(): readonly Operation[] {
    return this.seats.flatMap(({ operations }) => operations);
  }

  get observations(): readonly (readonly Observation[])[] {
    return this.seats.map(({ observations }) => observations);
  }

  /** Sends until the token has its last version, or the signal aborts; resolves when all is answered. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.seats.slice(0, this.plan.writers).map((seat) => this.#write(seat, signal)),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.seats.map((seat) => seat.close()));
  }

  async #write(seat: Seat, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#isFull()) {
      await seat.send(this.#nextOrder());
      await sleep(this.#random.between(0, 2 * this.plan.pauseMs));
    }
  }

  #isFull(): boolean {
    return this.seats.some(({ newest }) => newest >= this.plan.maxVersion);
  }

  #nextOrder(): Order {
    const random = this.#random;
    this.#sent += 1;
    const id = `${this.token}-${this.#sent}`;
    if (random.chance(refusedShare)) return { id, kind: 'refuse', holdMs: 0 };
    if (this.#tasks < this.plan.maxTasks && random.chance(taskShare)) {
      this.#tasks += 1;
      return { id, kind: 'work', holdMs: 0 };
    }
    const held = random.chance(heldShare) ? Math.round(random.between(...holdMs)) : 0;
    return { id, kind: 'append', holdMs: held };
  }
}
