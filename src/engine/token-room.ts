import { ShuttingDownError } from '../errors/index.ts';
import type { EvaluatedState } from '../state/computed/evaluated-state.ts';
import { Evaluation } from '../state/computed/evaluation.ts';
import type { StateDefinition } from '../state/definitions.ts';
import {
  emptySnapshot,
  type Position,
  type StateSnapshot,
  type TokenSnapshot,
} from '../state/snapshot.ts';
import { countOf, type Few, forEachOf, withItem, withoutItem } from '../store/few.ts';
import type { CatchUp, Entry, TokenWatcher } from '../store/state-store.ts';
import { Turns } from '../store/turns.ts';
import { andThen, type MaybePromise } from '../time/at-once.ts';
import { turn, turnNumber } from '../time/turn.ts';
import { withinTime } from '../time/within-time.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import { Capacity } from './capacity.ts';
import type { Dependents } from './dependents.ts';
import type { EngineOptions } from './engine-options.ts';
import type { ErrorReporter } from './error-reporter.ts';
import { InitialStates } from './initial-states.ts';
import { type LogRecord, RecordLog } from './record-log.ts';
import { storeRetryMs } from './store-retry.ts';

/** Who holds a lock, for messages. */
export interface LockHolder {
  describe(): string;
}

/** What the rooms of an engine share. */
export interface RoomHost {
  readonly options: EngineOptions;
  readonly reporter: ErrorReporter;
  readonly dependents: Dependents;
  /** The token's time in the store begins anew. */
  keep(key: TokenKey): void;
  /** A task of the token was cancelled, of this process or another. */
  onCancel(key: TokenKey, taskId: string): void;
}

/** Who wants to know of each commit. */
export interface RoomListener {
  onCommit(): void;
}

/** Locks and commits in one turn of the event loop, after which others have one. */
const stepsPerTurn = 16;

/**
 * This node's copy of one token: its newest snapshot, its latest commits, its
 * queue, and who listens.
 */
export class TokenRoom implements TokenWatcher {
  readonly key: TokenKey;
  /** One after the other: events, locks of tasks and of `app.modifyState`. */
  readonly queue = new Turns();
  /** Who holds the token's lock on this node. */
  holder: LockHolder | null = null;
  /** Whether the store has rung since the holder's latest commit. */
  hasRung = false;

  readonly #host: RoomHost;
  #listeners: Few<RoomListener> = null;
  #taskListeners: Few<() => void> = null;
  #queuedEvents: Capacity | null = null;
  #queuedFollowUps: Capacity | null = null;
  #tasks: Capacity | null = null;
  readonly #initial: InitialStates;
  #snapshot: TokenSnapshot = emptySnapshot;
  /** None before the first commit that is seen here. */
  #records: RecordLog | null = null;
  #history = 0;
  /** The store's, when this copy was last brought up to date. */
  #generation: string;
  /** Of the turn of that number. */
  #steps = 0;
  #turnNumber = 0;
  #refreshing = false;
  #stale = false;
  readonly #unwatch: () => void;
  #cancelRetry: (() => void) | null = null;
  #usedAt = Number.NEGATIVE_INFINITY;
  /** By how many subscribers, tasks and timers the token is kept. */
  #retained = 0;

  constructor(key: TokenKey, host: RoomHost) {
    this.key = key;
    this.#host = host;
    this.#initial = new InitialStates(this, host.dependents);
    const { store } = host.options;
    this.#unwatch = store.watch(key, this);
    this.#generation = store.generation;
  }

  /** What waits for the lock, of clients. Counted from the first on, as the others are: most tokens are only watched. */
  get queuedEvents(): Capacity {
    this.#queuedEvents ??= new Capacity(this.#host.options.limits, 'queuedEventsPerToken');
    return this.#queuedEvents;
  }

  /** What waits for the lock, of handlers. */
  get queuedFollowUps(): Capacity {
    this.#queuedFollowUps ??= new Capacity(this.#host.options.limits, 'queuedFollowUpsPerToken');
    return this.#queuedFollowUps;
  }

  /** The tasks there are. */
  get tasks(): Capacity {
    this.#tasks ??= new Capacity(this.#host.options.limits, 'tasksPerToken');
    return this.#tasks;
  }

  /** Whether the token may expire: nobody watches it, and nothing runs on it. */
  get isIdle(): boolean {
    return this.#retained === 0 && !this.queue.isTaken;
  }

  /** Whether it was idle for its time. */
  get isOver(): boolean {
    const { clock, limits } = this.#host.options;
    return this.isIdle && this.#usedAt + limits.idleTtlMs <= clock.now();
  }

  /** The token's time begins anew. */
  touch(): void {
    const { clock, limits } = this.#host.options;
    const now = clock.now();
    // An event touches it several times, which within one millisecond is the same. What is
    // retained is kept by the sweep, as often: only a clock that jumps comes before that.
    const stillGood = this.#retained > 0 ? limits.idleTtlMs / 4 : 1;
    if (now >= this.#usedAt && now - this.#usedAt < stillGood) return;
    this.#usedAt = now;
    this.#host.keep(this.key);
  }

  /** The token does not expire before the returned function is called. */
  retain(): () => void {
    this.hold();
    return () => this.letGo();
  }

  /** The same without a function: until {@link letGo} is called as often. */
  hold(): void {
    this.#retained += 1;
  }

  letGo(): void {
    this.#retained -= 1;
    this.touch();
  }

  /** This node looks at the token no more. */
  close(): void {
    this.#unwatch();
    this.#cancelRetry?.();
  }

  get snapshot(): TokenSnapshot {
    return this.#snapshot;
  }

  /** See {@link StateStore.generation}. */
  get generation(): string {
    return this.#host.options.store.generation;
  }

  get position(): Position {
    return this.#snapshot;
  }

  /** Another number each time that this copy was replaced by what does not follow from it. */
  get history(): number {
    return this.#history;
  }

  /** The state as last committed, or its defaults. */
  state(definition: StateDefinition): MaybePromise<StateSnapshot> {
    const known = this.stateAt(this.#snapshot, definition);
    if (known) return known;
    return this.initial(definition).then(
      (initial) => this.stateAt(this.#snapshot, definition) ?? initial,
    );
  }

  /** Makes a state and its parents ready for {@link requireState}. */
  load(definition: StateDefinition): MaybePromise<void> {
    if (this.#host.options.definitions.get(definition.name) !== definition) {
      throw new TypeError(`Expected a state of the app's schema, got another ${definition.name}.`);
    }
    const { parent } = definition;
    return andThen(this.state(definition), () => (parent ? this.load(parent) : undefined));
  }

  /** The state as it is before the first commit that changes it. */
  initial(definition: StateDefinition): Promise<StateSnapshot> {
    return this.#initial.of(definition);
  }

  /** The state in a snapshot of this token; undefined if it was never stored nor asked for. */
  stateAt(snapshot: TokenSnapshot, definition: StateDefinition): StateSnapshot | undefined {
    return snapshot.states[definition.name] ?? this.#initial.known(definition);
  }

  /** The state as it was in an earlier snapshot; undefined if that cannot be known. */
  stateBefore(snapshot: TokenSnapshot, definition: StateDefinition): StateSnapshot | undefined {
    if (!snapshot.states[definition.name] && this.#initial.isLate(definition)) return undefined;
    return this.stateAt(snapshot, definition);
  }

  /** The same for a state that somebody has asked for, see {@link state}. */
  requireState(snapshot: TokenSnapshot, definition: StateDefinition): StateSnapshot {
    const state = this.stateAt(snapshot, definition);
    if (!state) throw new TypeError(`Expected ${definition.name} to be loaded.`);
    return state;
  }

  /** The state as a commit finds it, also if nobody has asked for it. */
  committed(definition: StateDefinition): EvaluatedState {
    const before = this.stateAt(this.#snapshot, definition) ?? null;
    return { definition, values: before?.values ?? this.#initial.values(definition), before };
  }

  /**
   * Makes the states ready that computed vars of these have read, so that a
   * change of them is seen as one. Null if they are.
   */
  loadReads(states: readonly StateSnapshot[]): Promise<unknown> | null {
    const missing = new Set<StateDefinition>();
    for (const { computed } of states) {
      for (const name in computed) {
        for (const state in computed[name]?.reads) {
          const definition = this.#host.options.definitions.get(state);
          if (definition && !this.stateAt(this.#snapshot, definition)) missing.add(definition);
        }
      }
    }
    if (missing.size === 0) return null;
    // A default that throws is told to whoever asks for the state.
    return Promise.allSettled([...missing].map((definition) => this.initial(definition)));
  }

  /** Whether any state of the schema has computed vars. */
  get computes(): boolean {
    return this.#host.dependents.exist;
  }

  /** States whose computed vars may change with any commit. */
  dependents(): StateDefinition[] | Promise<StateDefinition[]> {
    return this.#host.dependents.in(this);
  }

  /** Evaluates computed vars of this token, for states that differ from the committed ones. */
  evaluation(
    stateOf: (definition: StateDefinition) => EvaluatedState,
    { silent = false }: { readonly silent?: boolean } = {},
  ): Evaluation {
    const { options, reporter } = this.#host;
    const { clock, definitions, limits } = options;
    const ms = limits.computedTimeoutMs;
    return new Evaluation(
      { stateOf, definitionOf: (name) => definitions.get(name) },
      {
        withinTime: (work) =>
          withinTime(work, {
            clock,
            ms,
            onTimeout: () => new Error(`The computed var took more than ${ms} ms.`),
          }),
        onFailure: (error, state, computed) => {
          if (silent) return;
          reporter.report(error, {
            ...{ state, event: null, computed, key: this.key },
            ...{ taskId: null, outcome: null },
          });
        },
      },
    );
  }

  /** Brings this copy up to date with what the store answered to somebody who knew `known`. */
  catchUp(known: Position, missing: CatchUp): MaybePromise<void> {
    const { generation } = this.#host.options.store;
    let gone: readonly string[] = [];
    if (known.id !== this.position.id) {
      // Somebody else was faster; whether this says more is for the store to say.
      const next = missing.entries.findIndex(({ previousId }) => previousId === this.position.id);
      if (next < 0) return this.refresh();
      this.#takeOver(missing.entries.slice(next));
    } else {
      if (!missing.snapshot && missing.entries.length === 0) {
        this.#generation = generation;
        return;
      }
      if (missing.snapshot) gone = this.#replace(missing.snapshot, missing.entries);
      this.#takeOver(missing.entries);
    }
    const initial = gone.length > 0 ? this.#loadInitial(gone) : undefined;
    return andThen(initial, () => {
      this.#generation = generation;
      this.#notify();
    });
  }

  /** Says which states are not in the snapshot. Nothing is awaited: nobody may come between it and the entries. */
  #replace(snapshot: TokenSnapshot, entries: readonly Entry[]): string[] {
    const before = this.#snapshot;
    const { version, firstId } = entries.at(-1) ?? snapshot;
    const follows =
      before.version < version &&
      (before.version === 0 || before.firstId === firstId) &&
      this.#generation === this.#host.options.store.generation;
    if (!follows && before.version > 0) this.#history += 1;
    this.#snapshot = snapshot;
    this.#records?.clear();
    // Of another history, say: those that are gone from it have their defaults again.
    return Object.keys(before.states).filter((name) => !snapshot.states[name]);
  }

  #takeOver(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.#records ??= new RecordLog();
    this.#snapshot = this.#records.extend(this.#snapshot, entries);
  }

  /** Takes over a commit of this node that the store has acknowledged. */
  advance(entry: Entry, after: TokenSnapshot): void {
    // A read that was under way may have brought it already.
    if (entry.previousId === this.position.id) {
      this.#records ??= new RecordLog();
      this.#records.append(this.#snapshot, entry, after);
      this.#snapshot = after;
    }
    this.hasRung = false;
    this.#notify();
  }

  /** The commit of that number, or null if the log does not reach back to it. */
  record(version: number): LogRecord | null {
    return this.#records?.get(version) ?? null;
  }

  /** Called for each lock and each commit: lets sockets and timers have a turn in a burst. Null if they need none. */
  breathe(): Promise<void> | null {
    const number = turnNumber();
    if (number !== this.#turnNumber) {
      this.#turnNumber = number;
      this.#steps = 0;
    }
    this.#steps += 1;
    return this.#steps % stepsPerTurn === 0 ? turn() : null;
  }

  /** Whether several listen. */
  get isShared(): boolean {
    return countOf(this.#listeners) > 1;
  }

  /** Tells the listener of each commit, until {@link unlisten}. */
  listen(listener: RoomListener): void {
    this.#listeners = withItem(this.#listeners, listener);
  }

  unlisten(listener: RoomListener): void {
    this.#listeners = withoutItem(this.#listeners, listener);
  }

  /** Calls the listener when something of the token's tasks has changed, until the returned function is called. */
  listenTasks(listener: () => void): () => void {
    this.#taskListeners = withItem(this.#taskListeners, listener);
    return () => {
      this.#taskListeners = withoutItem(this.#taskListeners, listener);
    };
  }

  /** Reads what the store has and this copy has not. */
  async refresh(): Promise<void> {
    const known = this.position;
    await this.catchUp(known, await this.#host.options.store.read(this.key, known));
  }

  async #loadInitial(names: readonly string[]): Promise<void> {
    const { definitions } = this.#host.options;
    // A default that throws is told to whoever asks for the state.
    await Promise.allSettled(
      names.map((name) => {
        const definition = definitions.get(name);
        return definition && this.initial(definition);
      }),
    );
  }

  #notify(): void {
    forEachOf(this.#listeners, tell);
  }

  /** The store's doorbell, and that of tasks on this node. */
  onTasks(): void {
    forEachOf(this.#taskListeners, (listener) => listener());
  }

  /** The store's word that a task of the token was cancelled. */
  onCancel(taskId: string): void {
    this.#host.onCancel(this.key, taskId);
  }

  /** The store's doorbell. Our own commits ring too; who holds the lock knows already. */
  onCommit(): void {
    this.hasRung = true;
    if (this.holder) return;
    this.#stale = true;
    if (!this.#refreshing) void this.#refreshWhileStale();
  }

  async #refreshWhileStale(): Promise<void> {
    this.#refreshing = true;
    try {
      while (this.#stale) {
        this.#stale = false;
        await this.refresh();
      }
    } catch (error) {
      if (error instanceof ShuttingDownError) return;
      const { clock, logger } = this.#host.options;
      logger.error({ err: error }, 'reading new commits failed; it is tried again');
      this.#cancelRetry?.();
      this.#cancelRetry = clock.after(storeRetryMs, () => this.onCommit());
    } finally {
      this.#refreshing = false;
    }
  }
}

function tell(listener: RoomListener): void {
  listener.onCommit();
}
