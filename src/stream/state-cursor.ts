import { visibleChanges, visibleNames } from '../engine/changes.ts';
import type { LogRecord, TokenRoom } from '../engine/token-room.ts';
import type { StateDefinition } from '../state/definitions.ts';
import { emptySnapshot, type Position, type StateSnapshot } from '../state/snapshot.ts';
import { type Cursor, historyTag, parseCursor } from './cursor.ts';

/** What one subscriber of one state gets. */
export interface StateDiff {
  readonly state: StateSnapshot;
  /** The version of the previous diff of this subscription; 0 on a reset. */
  readonly since: number;
  /** Where the subscription stands in the token's history; resume from here. */
  readonly position: Position;
  /** Whether this replaces all the subscriber has. */
  readonly reset: boolean;
  readonly changed: readonly string[];
}

export interface StateCursorOptions {
  readonly since: string | null;
  readonly maxLag: number;
}

/**
 * A subscription to one state. It holds a place in the token's history, not a
 * queue: it costs the same however far it falls behind. Each `next()` gives
 * the next commit that changed the state visibly; a subscriber that is more
 * than `maxLag` commits behind gets them as one diff.
 *
 * Not an async generator: `return()` must end it while `next()` waits.
 */
export class StateCursor implements AsyncIterableIterator<StateDiff> {
  readonly #room: TokenRoom;
  readonly #definition: StateDefinition;
  readonly #maxLag: number;
  readonly #unlisten: () => void;
  readonly #waiting: ((result: IteratorResult<StateDiff>) => void)[] = [];
  /** The token's commit up to which everything was delivered. */
  #at: number;
  /** The state as last delivered; null before the first snapshot. */
  #last: StateSnapshot | null;
  #done = false;

  constructor(room: TokenRoom, definition: StateDefinition, { since, maxLag }: StateCursorOptions) {
    this.#room = room;
    this.#definition = definition;
    this.#maxLag = maxLag;
    const resumed = since === null ? null : this.#resume(parseCursor(since));
    this.#last = resumed?.state ?? null;
    this.#at = resumed?.at ?? 0;
    this.#unlisten = room.listen(() => this.#serve());
  }

  next(): Promise<IteratorResult<StateDiff>> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#serve();
    });
  }

  return(): Promise<IteratorResult<StateDiff>> {
    this.#done = true;
    this.#unlisten();
    this.#serve();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const result = this.#done ? ({ done: true, value: undefined } as const) : this.#take();
      if (!result) return;
      this.#waiting.shift()?.(result);
    }
  }

  #take(): IteratorResult<StateDiff> | null {
    const diff = this.#last ? this.#nextDiff(this.#last) : this.#reset();
    if (!diff) return null;
    this.#last = diff.state;
    return { done: false, value: diff };
  }

  #reset(): StateDiff {
    return {
      state: this.#currentState(),
      since: 0,
      position: this.#moveTo(this.#room.position),
      reset: true,
      changed: visibleNames(this.#definition),
    };
  }

  #nextDiff(last: StateSnapshot): StateDiff | null {
    const { position } = this.#room;
    while (this.#at < position.version) {
      const record = this.#room.record(this.#at + 1);
      if (!record || position.version - this.#at > this.#maxLag) return this.#merged(last);
      this.#moveTo(record.position);
      const changed = record.changed[this.#definition.name];
      if (changed) return this.#diff(last, record, changed);
    }
    return null;
  }

  #diff(last: StateSnapshot, record: LogRecord, changed: readonly string[]): StateDiff {
    const state = record.snapshot.states[this.#definition.name] ?? last;
    return { state, since: last.version, position: record.position, reset: false, changed };
  }

  /** Everything up to now as one diff; `changed` is the net change and may be empty. */
  #merged(last: StateSnapshot): StateDiff | null {
    const state = this.#currentState();
    const position = this.#moveTo(this.#room.position);
    if (state.version === last.version) return null;
    const changed = visibleChanges(this.#definition, last, state);
    return { state, since: last.version, position, reset: false, changed };
  }

  #moveTo(position: Position): Position {
    this.#at = position.version;
    return position;
  }

  #currentState(): StateSnapshot {
    return this.#room.requireState(this.#room.snapshot, this.#definition);
  }

  /** Where to go on from a cursor, or null if only a snapshot can help. */
  #resume(since: Cursor): { at: number; state: StateSnapshot } | null {
    const { position, key } = this.#room;
    const firstId = since.version === 0 ? '' : position.firstId;
    if (since.history !== historyTag(key, firstId)) return null;
    const atOrigin = since.version === 0 && this.#room.record(1) !== null;
    const record = this.#room.record(since.version);
    if (atOrigin || record?.position.id === since.id) {
      const snapshot = record?.snapshot ?? emptySnapshot;
      const state = this.#room.stateAt(snapshot, this.#definition);
      return state ? { at: since.version, state } : null;
    }
    const current = this.#currentState();
    // Older than the log, but nothing happened to this state since.
    const unchanged = !record && since.version <= position.version;
    return unchanged && current.version <= since.version
      ? { at: position.version, state: current }
      : null;
  }
}
