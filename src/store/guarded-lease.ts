import { LeaseLostError } from '../errors/index.ts';
import type { CatchUp, Commit, Lease } from './state-store.ts';

/** What a store does under a lease. */
export interface LeaseHost {
  commit(commit: Commit): Promise<void>;
  release(): void | Promise<void>;
}

/** A lease of a store whose commits take time: nothing is committed after its release, which waits for the commit at hand. */
export class GuardedLease implements Lease {
  readonly catchUp: CatchUp;
  readonly #host: LeaseHost;
  #isReleased = false;
  #committing: Promise<void> | null = null;

  constructor(missing: CatchUp, host: LeaseHost) {
    this.catchUp = missing;
    this.#host = host;
  }

  async commit(commit: Commit): Promise<void> {
    if (this.#isReleased) throw new LeaseLostError();
    this.#committing = this.#host.commit(commit);
    try {
      await this.#committing;
    } finally {
      this.#committing = null;
    }
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    // Its failure is for who asked for it.
    await this.#committing?.catch(() => {});
    await this.#host.release();
  }
}
