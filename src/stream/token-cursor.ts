import { subscriberDiffs } from '../diagnostics/subscriber-diff.ts';
import { subscriberLags } from '../diagnostics/subscriber-lag.ts';
import { visibleChanges, visibleNames } from '../engine/changes.ts';
import type { LogRecord } from '../engine/record-log.ts';
import type { RoomListener, TokenRoom } from '../engine/token-room.ts';
import type { StateDefinition } from '../state/definitions.ts';
import {
  emptySnapshot,
  type Position,
  type StateSnapshot,
  type TokenSnapshot,
} from '../state/snapshot.ts';
import { RecentMap } from '../tokens/recent-map.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import { type Cursor, historyTag, type Place, parseCursor, shortIdOf } from './cursor.ts';
import { PullIterator } from './pull-iterator.ts';

/** What a subscriber gets of one state. */
export interface StateDiff {
  readonly key: TokenKey;
  readonly definition: StateDefinition;
  readonly state: StateSnapshot;
  /** The state's version in the previous diff of this subscription; 0 on a reset. */
  readonly since: number;
  /** Where the subscription stands in the token's history; resume from here. */
  readonly position: Place;
  /** Whether this replaces all the subscriber has. */
  readonly reset: boolean;
  readonly changed: readonly string[];
}

/** What a subscriber gets of all its states at once: a commit, several merged, or a snapshot. Never empty. */
export type TokenDiff = readonly StateDiff[];

export interface TokenCursorOptions {
  readonly since: string | null;
  readonly maxLag: number;
  /** What is left when it ends. */
  readonly presence: { leave(): void };
}

/**
 * A subscription to states of a token. It holds a place in the token's history,
 * not a queue: it costs the same however far it falls behind. Each `next()`
 * gives the next commit that changed one of the states visibly; a subscriber
 * that is more than `maxLag` commits behind gets them as one diff.
 */
export class TokenCursor extends PullIterator<TokenDiff> implements RoomListener {
  /** What was made of the latest commits, of all tokens: of each as many as there were different subscribers. */
  static readonly #latest = new RecentMap<TokenSnapshot, TokenDiff[]>(16);
  readonly #room: TokenRoom;
  readonly #definitions: readonly StateDefinition[];
  readonly #maxLag: number;
  readonly #presence: TokenCursorOptions['presence'];
  /** The snapshot of its beginning, until it is taken. */
  #reset: TokenDiff | null = null;
  /** The token's commit up to which everything was delivered. */
  #at: number;
  /** Which history that is of. */
  #history: number;
  /** The states as last delivered, each at the place of its definition. */
  #last: StateSnapshot[];

  constructor(
    room: TokenRoom,
    definitions: readonly StateDefinition[],
    { since, maxLag, presence }: TokenCursorOptions,
  ) {
    super();
    this.#room = room;
    this.#presence = presence;
    this.#definitions = definitions;
    this.#maxLag = maxLag;
    const resumed = since === null ? null : this.#resume(parseCursor(since));
    this.#last = resumed?.states ?? [];
    this.#at = resumed?.at ?? 0;
    this.#history = room.history;
    if (!resumed) this.#reset = this.#snapshot();
    room.listen(this);
  }

  /** Called by its room. */
  onCommit(): void {
    this.serve();
  }

  protected override end(): void {
    this.#room.unlisten(this);
    this.#presence.leave();
  }

  protected override take(): TokenDiff | null {
    // The token has expired, or its store was put back: nothing of it follows from what was delivered.
    if (this.#history !== this.#room.history) this.#reset = this.#snapshot();
    const before = this.#at;
    const value = this.#reset ?? this.#nextDiff();
    this.#reset = null;
    if (value) this.#tell(value, this.#at - before);
    return value;
  }

  #tell(diffs: TokenDiff, commits: number): void {
    if (!subscriberDiffs.hasSubscribers) return;
    const [first] = diffs;
    if (!first) return;
    const states = diffs.map(({ definition }) => definition.name);
    const { reset, position } = first;
    const { key: token } = this.#room;
    subscriberDiffs.publish({ token, states, version: position.version, reset, commits });
  }

  #snapshot(): TokenDiff {
    const position = this.#moveTo(this.#room.position);
    this.#last = this.#definitions.map((definition) => this.#current(definition));
    return this.#definitions.map((definition, at) => ({
      key: this.#room.key,
      definition,
      state: this.#last[at] as StateSnapshot,
      since: 0,
      position,
      reset: true,
      changed: visibleNames(definition),
    }));
  }

  #nextDiff(): TokenDiff | null {
    const { position } = this.#room;
    while (this.#at < position.version) {
      const record = this.#room.record(this.#at + 1);
      if (!record || position.version - this.#at > this.#maxLag) return this.#merged();
      const diff = this.#diff(record, this.#moveTo(record.snapshot));
      if (diff) return diff;
    }
    return null;
  }

  /** Whoever has had the same before gets the same object, so that what follows from it is done once. */
  #diff(record: LogRecord, position: Place): TokenDiff | null {
    if (!this.#room.isShared) return this.#makeDiff(record, position);
    const made = TokenCursor.#latest.get(record.snapshot);
    const known = made?.find((diffs) => this.#hasHad(diffs, record));
    if (known) {
      for (const { definition, state } of known) this.#setLast(definition, state);
      return known;
    }
    const diffs = this.#makeDiff(record, position);
    if (diffs && made) made.push(diffs);
    else if (diffs) TokenCursor.#latest.set(record.snapshot, [diffs]);
    return diffs;
  }

  /** Whether its subscriber is where these diffs begin, and wants no others of the commit. */
  #hasHad(diffs: TokenDiff, { changed }: LogRecord): boolean {
    const wanted = this.#definitions.filter(({ name }) => changed[name]);
    return (
      wanted.length === diffs.length &&
      diffs.every(
        ({ definition, since }, at) =>
          definition === wanted[at] && since === this.#lastOf(definition).version,
      )
    );
  }

  #makeDiff({ changed: changes, snapshot }: LogRecord, position: Place): TokenDiff | null {
    const diffs: StateDiff[] = [];
    for (const definition of this.#definitions) {
      const names = changes[definition.name];
      const state = snapshot.states[definition.name];
      if (!names || !state) continue;
      const last = this.#lastOf(definition);
      // Defaults that are made may differ from those of the node that has stored them first.
      const changed = last.version > 0 ? names : visibleChanges(definition, last, state);
      diffs.push(this.#advance(definition, state, { position, changed }));
    }
    return diffs.length > 0 ? diffs : null;
  }

  /** Everything up to now as one diff; `changed` is the net change and may be empty. */
  #merged(): TokenDiff | null {
    const commits = this.#room.position.version - this.#at;
    const position = this.#moveTo(this.#room.position);
    const diffs: StateDiff[] = [];
    for (const definition of this.#definitions) {
      const last = this.#lastOf(definition);
      const state = this.#current(definition);
      if (state.version === last.version) continue;
      const changed = visibleChanges(definition, last, state);
      diffs.push(this.#advance(definition, state, { position, changed }));
    }
    if (diffs.length === 0) return null;
    if (commits > 1 && subscriberLags.hasSubscribers) {
      const states = diffs.map(({ definition }) => definition.name);
      subscriberLags.publish({ token: this.#room.key, states, commits });
    }
    return diffs;
  }

  #advance(
    definition: StateDefinition,
    state: StateSnapshot,
    { position, changed }: Pick<StateDiff, 'position' | 'changed'>,
  ): StateDiff {
    const since = this.#lastOf(definition).version;
    this.#setLast(definition, state);
    return { key: this.#room.key, definition, state, since, position, reset: false, changed };
  }

  #lastOf(definition: StateDefinition): StateSnapshot {
    return this.#last[this.#definitions.indexOf(definition)] as StateSnapshot;
  }

  #setLast(definition: StateDefinition, state: StateSnapshot): void {
    this.#last[this.#definitions.indexOf(definition)] = state;
  }

  #moveTo({ version, id, firstId }: Position): Place {
    this.#at = version;
    this.#history = this.#room.history;
    return { version, id, firstId, generation: this.#room.generation };
  }

  #current(definition: StateDefinition): StateSnapshot {
    return this.#room.requireState(this.#room.snapshot, definition);
  }

  /** Where to go on from a cursor, or null if only a snapshot can help. */
  #resume(since: Cursor): { at: number; states: StateSnapshot[] } | null {
    const { position, key } = this.#room;
    const firstId = since.version === 0 ? '' : position.firstId;
    if (since.history !== historyTag(key, firstId)) return null;
    const atOrigin = since.version === 0 && this.#room.record(1) !== null;
    const record = this.#room.record(since.version);
    if (atOrigin || (record && shortIdOf(record.snapshot.id) === since.shortId)) {
      const snapshot = record?.snapshot ?? emptySnapshot;
      const states = this.#definitions.map((each) => this.#room.stateBefore(snapshot, each));
      return states.every((state) => state !== undefined) ? { at: since.version, states } : null;
    }
    // Older than the log, but nothing happened to these states since.
    const current = this.#definitions.map((definition) => this.#current(definition));
    const unchanged =
      !record &&
      since.generation === this.#room.generation &&
      since.version <= position.version &&
      current.every(({ version }) => version <= since.version);
    return unchanged ? { at: position.version, states: current } : null;
  }
}
