import { EventEmitter, on } from 'node:events';

/** What every state has, whatever else it holds. */
export interface StoredState {
  readonly typename: string;
  readonly id: string;
  version: number;
}

/** A change of a state, as its subscribers get it. */
export interface Diff<State extends StoredState, Var extends keyof State> {
  readonly state: State;
  readonly version: number;
  readonly cursor: string;
  readonly since: number;
  readonly reset: boolean;
  readonly changed: readonly Var[];
  readonly delta: Partial<Pick<State, Var>>;
}

/** A diff, whatever it is of. */
export interface AnyDiff {
  readonly state: StoredState;
  readonly version: number;
  readonly since: number;
  readonly reset: boolean;
}

const everyDiff = new EventEmitter<Record<string, [AnyDiff]>>();
everyDiff.setMaxListeners(0);

/** The diffs of all states of a token. */
export async function* allDiffs(token: string): AsyncGenerator<AnyDiff> {
  for await (const [diff] of on(everyDiff, token)) yield diff;
}

interface StoreOptions<State extends StoredState, Var extends keyof State> {
  readonly typename: string;
  readonly vars: readonly Var[];
  readonly initial: () => Omit<State, keyof StoredState>;
  /** Brings computed vars up to date after a change. */
  readonly derive: (state: State) => void;
}

/** The states of one type, by token. */
export class Store<State extends StoredState, Var extends keyof State> {
  readonly #options: StoreOptions<State, Var>;
  readonly #states = new Map<string, State>();
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #changes = new EventEmitter<Record<string, [Diff<State, Var>]>>();

  constructor(options: StoreOptions<State, Var>) {
    this.#options = options;
    this.#changes.setMaxListeners(0);
  }

  /** The token's state; a new one if there is none. */
  read(token: string): State {
    const { typename, initial } = this.#options;
    let state = this.#states.get(token);
    if (!state) {
      state = { ...initial(), typename, id: `${typename}:${token}`, version: 0 } as State;
      this.#states.set(token, state);
    }
    return state;
  }

  /** Changes a copy of the state, one change at a time, and publishes what differs. */
  modify(token: string, change: (state: State) => void): Promise<State> {
    const previous = this.#queues.get(token) ?? Promise.resolve();
    const next = previous.then(() => this.#commit(token, change));
    this.#queues.set(
      token,
      next.catch(() => undefined),
    );
    return next;
  }

  /** A snapshot, unless `since` is the current version, and each change from then on. */
  async *subscribe(token: string, since?: string | null): AsyncGenerator<Diff<State, Var>> {
    const changes = on(this.#changes, token);
    const state = this.read(token);
    if (since !== String(state.version)) {
      yield diffOf(state, { since: 0, reset: true, changed: this.#options.vars, delta: state });
    }
    for await (const [diff] of changes) {
      yield diff;
    }
  }

  #commit(token: string, change: (state: State) => void): State {
    const before = this.read(token);
    const state = structuredClone(before);
    change(state);
    this.#options.derive(state);
    state.version += 1;
    this.#states.set(token, state);
    const changed = this.#options.vars.filter(
      (name) => JSON.stringify(state[name]) !== JSON.stringify(before[name]),
    );
    const delta: Partial<Pick<State, Var>> = {};
    for (const name of changed) {
      delta[name] = state[name];
    }
    const diff = diffOf(state, { since: before.version, reset: false, changed, delta });
    (this.#changes as EventEmitter).emit(token, diff);
    everyDiff.emit(token, diff);
    return state;
  }
}

function diffOf<State extends StoredState, Var extends keyof State>(
  state: State,
  change: Omit<Diff<State, Var>, 'state' | 'version' | 'cursor'>,
): Diff<State, Var> {
  return { ...change, state, version: state.version, cursor: String(state.version) };
}
