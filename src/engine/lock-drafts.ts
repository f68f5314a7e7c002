import type { EvaluatedState } from '../state/computed/evaluated-state.ts';
import type { StateDefinition } from '../state/definitions.ts';
import type { ComputedResult, StateSnapshot, TokenSnapshot } from '../state/snapshot.ts';
import type { MaybePromise } from '../time/at-once.ts';
import type { ObjectDraft } from '../values/draft/object-draft.ts';
import { createDraftScope, openDraft } from '../values/draft/open-draft.ts';
import type { PlainObject } from '../values/plain.ts';
import { markSettled } from '../values/settle.ts';
import type { TokenRoom } from './token-room.ts';

/** A state that was opened in a lock. */
export interface DraftedState {
  readonly definition: StateDefinition;
  /** As of the last commit. */
  readonly before: StateSnapshot;
  readonly draft: ObjectDraft;
  /** Whether the next commit marks its `onLoad` as done. */
  readonly loaded: boolean;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The drafts of one lock: what its handler reads and writes, and what is to be committed of it. */
export class LockDrafts {
  readonly #room: TokenRoom;
  #scope = createDraftScope();
  /** Few: most handlers write one state. */
  #opened: Writable<DraftedState>[] = [];

  constructor(room: TokenRoom) {
    this.#room = room;
  }

  /** All states that were opened. */
  get opened(): readonly DraftedState[] {
    return this.#opened;
  }

  /** Makes the drafts of a state and its parents ready; {@link draft} then gives them. */
  open(definition: StateDefinition): MaybePromise<void> {
    this.#scope.assertReadable();
    return this.#room.load(definition);
  }

  /** The draft of a state that was opened. */
  draft(definition: StateDefinition): ObjectDraft {
    return this.#drafted(definition).draft;
  }

  /** The next commit notes that the state's `onLoad` has run. */
  markLoaded(definition: StateDefinition): void {
    this.#drafted(definition).loaded = true;
  }

  /**
   * A computed var as it follows from the drafts. One that cannot be had at once
   * is as of the last commit.
   */
  peekComputed(definition: StateDefinition, name: string): ComputedResult | undefined {
    const room = this.#room;
    const committed = room.requireState(room.snapshot, definition).computed[name];
    if (!this.#opened.some(({ draft }) => draft.written)) return committed;
    const values = new Map<StateDefinition, EvaluatedState>();
    // Only looked at: the commit evaluates it again, and tells of failures.
    const evaluation = room.evaluation(
      (state) => {
        const known = values.get(state) ?? this.#evaluated(state);
        values.set(state, known);
        return known;
      },
      { silent: true },
    );
    return evaluation.peek(definition, name) ?? committed;
  }

  /** From here on the drafts stand for changes of these states. */
  follow(after: TokenSnapshot): void {
    for (const drafted of this.#opened) {
      drafted.before = after.states[drafted.definition.name] ?? drafted.before;
    }
  }

  assertReadable(): void {
    this.#scope.assertReadable();
  }

  /** @throws the reason why nothing can be written any more. */
  assertWritable(): void {
    this.#scope.assertWritable();
  }

  /** From now on a write throws what `reason` makes; reads go on. */
  refuseWrites(reason: () => Error): void {
    this.#scope.refuseWrites(reason);
  }

  /** From now on every use throws what `reason` makes. */
  release(reason: () => Error): void {
    this.#scope.release(reason);
  }

  /** Drops what was changed; drafts read before are released. */
  reset(reason: () => Error): void {
    this.#scope.release(reason);
    this.#opened = [];
    this.#scope = createDraftScope();
  }

  #drafted(definition: StateDefinition): Writable<DraftedState> {
    for (const drafted of this.#opened) if (drafted.definition === definition) return drafted;
    const before = this.#room.requireState(this.#room.snapshot, definition);
    const draft = openDraft(this.#scope, markSettled(before.values as PlainObject));
    const drafted = { definition, before, draft, loaded: before.loaded };
    this.#opened.push(drafted);
    return drafted;
  }

  #evaluated(definition: StateDefinition): EvaluatedState {
    const committed = this.#room.committed(definition);
    const draft = this.#opened.find((drafted) => drafted.definition === definition)?.draft;
    if (!draft?.written) return committed;
    return { ...committed, values: draft.peek([definition.name]) as PlainObject };
  }
}
