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
  #committing: Promise<void> = Promise.resolve();

  constructor(missing: CatchUp, host: LeaseHost) {
    this.catchUp = missing;
    this.#host = host;
  }

  async commit(commit: Commit): Promise<void> {
    if (this.#isReleased) throw new LeaseLostError();
    const committing = this.#host.commit(commit);
    this.#committing = committing.catch(() => {});
    await committing;
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#committing;
    await this.#host.release();
  }
}
