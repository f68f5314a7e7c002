import { ShuttingDownError } from '../../errors/index.ts';
import type { Position } from '../../state/snapshot.ts';
import { systemClock } from '../../time/clock.ts';
import { settledWithin } from '../../time/settled-within.ts';
import type { TokenKeys } from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import { acquireScript, releaseScript } from './scripts/lease.ts';

/** What a lease was granted with. */
interface Grant {
  /** The newest commit. */
  readonly position: Position;
  /** How long the log is, with all that was dropped from it. */
  readonly logBytes: number;
  /** When it was asked for, on this process's own clock. */
  readonly sentAt: number;
}

/** How often who waits shows itself, in its lease's time. */
const showsPerLease = 3;

/** Asks Redis for the lease of one token, and gives it back. One asks at a time. */
export class LeaseRequest {
  readonly #redis: RedisConnection;
  readonly #keys: TokenKeys;
  readonly #leaseMs: number;
  /** The lease that is waited for, and what to call when it may have been granted. */
  #waiting: { readonly lease: string; wake(): void } | null = null;
  #closed = false;

  constructor(redis: RedisConnection, keys: TokenKeys, leaseMs: number) {
    this.#redis = redis;
    this.#keys = keys;
    this.#leaseMs = leaseMs;
  }

  /** Waits until the lease is granted, first come, first served over all nodes. */
  async send(lease: string): Promise<Grant> {
    try {
      for (;;) {
        if (this.#closed) throw new ShuttingDownError();
        const grant = await this.#ask(lease);
        if (grant) return grant;
      }
    } catch (error) {
      // It may have been granted all the same.
      void this.giveBack(lease);
      throw error;
    }
  }

  /** A message says that it was granted. */
  onGranted(lease: string): void {
    if (this.#waiting?.lease === lease) this.#waiting.wake();
  }

  /** Never rejects: it lapses by itself. */
  async giveBack(lease: string): Promise<void> {
    const { head, waiters } = this.#keys;
    await this.#redis.run(releaseScript, [head, waiters], [lease, this.#leaseMs]).catch(() => {});
  }

  /** Nothing is waited for any more. */
  close(): void {
    this.#closed = true;
    this.#waiting?.wake();
  }

  /** The grant, or null after a while, when it is to be asked for again. */
  async #ask(lease: string): Promise<Grant | null> {
    const showMs = Math.ceil(this.#leaseMs / showsPerLease);
    const granted = new Promise<void>((wake) => {
      this.#waiting = { lease, wake };
    });
    try {
      const { head, waiters } = this.#keys;
      const sentAt = performance.now();
      const args = [lease, this.#leaseMs, 2 * showMs];
      const answer = await this.#redis.run(acquireScript, [head, waiters], args);
      const [isGranted, ...rest] = answer as [number, ...(string | number)[]];
      if (isGranted === 1) {
        const [version, id, firstId, bytes] = rest as [string, string, string, string];
        const position = { version: Number(version), id, firstId };
        return { position, logBytes: Number(bytes), sentAt };
      }
      // Only a reason to ask again: a message may be old, and the lease lost since.
      const ms = Math.min(showMs, Number(rest[0]) + 2);
      await settledWithin(granted, { clock: systemClock, ms });
      return null;
    } finally {
      this.#waiting = null;
    }
  }
}
