import { callReader } from './call-reader.ts';
import type { LiveSnapshot, LiveStatus } from './live-snapshot.ts';
import {
  type ResumableDiff,
  type ResumableOperation,
  ResumingSubscription,
} from './resuming-subscription.ts';
import type { SubscriptionClient } from './subscription-client.ts';

/** The last diff of a subscription, and how it is, for all who listen. */
export class LiveStore<Diff extends ResumableDiff> {
  readonly #subscription: ResumingSubscription<Diff>;
  readonly #listeners = new Set<() => void>();
  #snapshot: LiveSnapshot<Diff> = { status: 'connecting', diff: null, errors: [], error: null };

  constructor(client: SubscriptionClient, operation: ResumableOperation) {
    // Without what was there at a cursor, what came after it shows no state.
    const fromSnapshot = { ...operation, variables: { ...operation.variables, since: null } };
    this.#subscription = new ResumingSubscription<Diff>(client, fromSnapshot, {
      onDiff: (diff, errors) => this.#show({ status: 'live', diff, errors, error: null }),
      onConnection: (isConnected) => this.#showStatus(isConnected ? 'live' : 'stale'),
      onRefused: (error) => this.#show({ ...this.#snapshot, status: 'closed', error }),
    });
  }

  get cursor(): string | null {
    return this.#subscription.cursor;
  }

  readonly getSnapshot = (): LiveSnapshot<Diff> => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    // Of its own, so that the same function can listen twice.
    const call = () => listener();
    this.#listeners.add(call);
    if (!this.#subscription.isRunning) this.#start();
    return () => {
      if (!this.#listeners.delete(call)) return;
      // Who leaves and comes back at once, as components do, finds it running.
      queueMicrotask(() => {
        if (this.#listeners.size === 0) this.#stop();
      });
    };
  };

  async reached(
    version: number,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Diff> {
    signal?.throwIfAborted();
    const { promise, look, fail } = this.#untilReached(version);
    const unsubscribe = this.subscribe(look);
    const abort = () => fail(signal?.reason);
    signal?.addEventListener('abort', abort);
    look();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      unsubscribe();
    }
  }

  #untilReached(version: number) {
    let look = () => {};
    let fail = (_reason: unknown) => {};
    const promise = new Promise<Diff>((resolve, reject) => {
      fail = reject;
      look = () => {
        const { status, diff, error } = this.#snapshot;
        if (error) reject(error);
        // What is stale may be of a life of the token that is over.
        else if (status === 'live' && diff && diff.version >= version) resolve(diff);
      };
    });
    return { promise, look, fail };
  }

  #start(): void {
    const { status, diff } = this.#snapshot;
    // Who listens to a closed one tries again.
    if (status === 'closed') {
      this.#show({ ...this.#snapshot, status: diff ? 'stale' : 'connecting', error: null });
    }
    this.#subscription.start();
  }

  #stop(): void {
    this.#subscription.stop();
    this.#showStatus('stale');
  }

  #showStatus(next: LiveStatus): void {
    const { status, diff } = this.#snapshot;
    if (diff && status !== 'closed' && status !== next) {
      this.#show({ ...this.#snapshot, status: next });
    }
  }

  #show(snapshot: LiveSnapshot<Diff>): void {
    this.#snapshot = snapshot;
    for (const listener of [...this.#listeners]) {
      // One that another one has just taken away.
      if (this.#listeners.has(listener)) callReader(listener);
    }
  }
}
