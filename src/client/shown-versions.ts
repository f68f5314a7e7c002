/** A version of a state, as diffs and answers of events have it. */
export interface StateVersion {
  /** Of the state: `State.id`. */
  readonly id: string;
  readonly version: number;
}

/** What of a state its subscriptions have shown. */
interface Shown {
  version: number;
  /** How many subscriptions show it. */
  subscriptions: number;
  readonly waiting: Set<{ readonly version: number; resolve(): void }>;
}

/** Which version of each state subscriptions have shown, for who waits for one. */
export class ShownVersions {
  readonly #states = new Map<string, Shown>();

  /** A subscription, which may show several states. */
  subscription(): { show(versions: readonly StateVersion[]): void; end(): void } {
    const shown = new Set<string>();
    let hasEnded = false;
    return {
      show: (versions) => {
        // Its reader may have ended it while it took the result.
        if (hasEnded) return;
        for (const { id, version } of versions) {
          const state = this.#state(id);
          if (!shown.has(id)) state.subscriptions += 1;
          shown.add(id);
          state.version = version;
          this.#wake(state);
        }
      },
      end: () => {
        hasEnded = true;
        for (const id of shown) this.#leave(id);
        shown.clear();
      },
    };
  }

  /** Resolves when it is shown, or when no subscription shows the state, and after a time at the latest. */
  reached({ id, version }: StateVersion, timeoutMs: number): Promise<void> {
    const state = this.#states.get(id);
    if (!state || state.version >= version) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => end(), timeoutMs);
      const end = () => {
        clearTimeout(timer);
        state.waiting.delete(waiter);
        resolve();
      };
      const waiter = { version, resolve: end };
      state.waiting.add(waiter);
    });
  }

  #state(id: string): Shown {
    const state = this.#states.get(id) ?? { version: 0, subscriptions: 0, waiting: new Set() };
    this.#states.set(id, state);
    return state;
  }

  #leave(id: string): void {
    const state = this.#state(id);
    state.subscriptions -= 1;
    if (state.subscriptions > 0) return;
    this.#states.delete(id);
    state.version = Number.POSITIVE_INFINITY;
    this.#wake(state);
  }

  #wake({ version, waiting }: Shown): void {
    for (const waiter of [...waiting]) if (waiter.version <= version) waiter.resolve();
  }
}
