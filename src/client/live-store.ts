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
  readonly #client: SubscriptionClient;
  readonly #subscription: ResumingSubscription<Diff>;
  readonly #listeners = new Set<() => void>();
  #snapshot: LiveSnapshot<Diff> = { status: 'connecting', diff: null, errors: [], error: null };
  /** Whether the one connection of all subscriptions is there, if the client tells. */
  #isConnected = true;
  #isSubscribed = false;
  #unlisten: readonly ((() => void) | undefined)[] = [];

  constructor(client: SubscriptionClient, operation: ResumableOperation) {
    this.#client = client;
    this.#subscription = new ResumingSubscription<Diff>(client, operation, {
      onDiff: (diff, errors) => {
        this.#isSubscribed = true;
        this.#show({ status: 'live', diff, errors, error: null });
      },
      onConnection: (isSubscribed) => {
        this.#isSubscribed = isSubscribed;
        this.#showStatus();
      },
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
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(call) && this.#listeners.size === 0) this.#stop();
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
        const { diff, error } = this.#snapshot;
        if (error) reject(error);
        else if (diff && diff.version >= version) resolve(diff);
      };
    });
    return { promise, look, fail };
  }

  #start(): void {
    const { status, diff } = this.#snapshot;
    // Who listens to a closed one tries again.
    if (status === 'closed') {
      this.#snapshot = { ...this.#snapshot, status: diff ? 'stale' : 'connecting', error: null };
    }
    const onConnection = (isConnected: boolean) => () => {
      this.#isConnected = isConnected;
      this.#showStatus();
    };
    this.#unlisten = [
      this.#client.on?.('connected', onConnection(true)),
      this.#client.on?.('closed', onConnection(false)),
    ];
    this.#isConnected = true;
    this.#subscription.start();
  }

  #stop(): void {
    for (const unlisten of this.#unlisten) unlisten?.();
    this.#unlisten = [];
    this.#subscription.stop();
    this.#isSubscribed = false;
    this.#showStatus();
  }

  #showStatus(): void {
    const { status, diff } = this.#snapshot;
    if (!diff || status === 'closed') return;
    const next: LiveStatus = this.#isConnected && this.#isSubscribed ? 'live' : 'stale';
    if (next !== status) this.#show({ ...this.#snapshot, status: next });
  }

  #show(snapshot: LiveSnapshot<Diff>): void {
    this.#snapshot = snapshot;
    for (const listener of [...this.#listeners]) callReader(listener);
  }
}
