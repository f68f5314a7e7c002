import { ValueNotStorableError } from '../errors/index.ts';
import type { Evaluation } from '../state/computed/evaluation.ts';
import type { StateDefinition } from '../state/definitions.ts';
import type { ComputedResult, StateSnapshot, TokenSnapshot } from '../state/snapshot.ts';
import type { Entry } from '../store/state-store.ts';
import { andThen, type MaybePromise } from '../time/at-once.ts';
import { diff } from '../values/diff/diff.ts';
import { rebase } from '../values/diff/rebase.ts';
import type { ObjectDraft } from '../values/draft/object-draft.ts';
import type { Operation } from '../values/operation.ts';
import type { Path } from '../values/plain.ts';
import { markSettled } from '../values/settle.ts';
import { visibleChanges } from './changes.ts';
import type { TokenRoom } from './token-room.ts';

/** What a commit would store, and the states it leads to. */
export interface PreparedCommit {
  readonly entry: Entry;
  readonly after: TokenSnapshot;
}

/** A state that was opened in the lock. */
export interface DraftedState {
  readonly definition: StateDefinition;
  readonly before: StateSnapshot;
  readonly draft: ObjectDraft;
  /** Whether this commit marks its `onLoad` as done. */
  readonly loaded: boolean;
}

/** A state as it is to be stored, before its computed vars are evaluated. */
export interface WrittenState {
  readonly definition: StateDefinition;
  readonly before: StateSnapshot;
  readonly loaded: boolean;
  readonly values: Readonly<Record<string, unknown>>;
  readonly operations: readonly Operation[];
}

/**
 * What the drafts changed since the room's snapshot, with the computed vars that
 * follow, in whatever state of the token; null if nothing changed.
 *
 * @throws {@link ValueNotStorableError}; nothing is changed then.
 */
export function prepareCommit(
  room: TokenRoom,
  drafted: Iterable<DraftedState>,
  id: string,
): MaybePromise<PreparedCommit | null> {
  const base = room.snapshot;
  // All drafts are read before anything is awaited: one moment, one commit.
  const written: WrittenState[] = [];
  for (const each of drafted) {
    const state = readDraft(each);
    if (state) written.push(state);
  }
  if (written.length === 0) return null;

  const evaluation = room.evaluation(
    (definition) =>
      written.find((state) => state.definition === definition) ?? room.committed(definition),
  );
  const withDependents = andThen(room.dependents(), (dependents) =>
    dependents.length > 0
      ? untouched(room, dependents, written).then((others) => [...written, ...others])
      : written,
  );
  return andThen(withDependents, (states) =>
    andThen(room.loadReads(states.map(({ before }) => before)), () =>
      buildCommit({ base, states, evaluation, id }),
    ),
  );
}

/** The commit of states whose computed vars are evaluated; null if nothing differs from `base`. */
export function buildCommit({
  base,
  states,
  evaluation,
  id,
}: {
  readonly base: TokenSnapshot;
  readonly states: readonly WrittenState[];
  readonly evaluation: Evaluation;
  readonly id: string;
}): MaybePromise<PreparedCommit | null> {
  // All are begun before one is waited for.
  const results = states.map(({ definition }) => evaluation.results(definition));
  const build = (computed: readonly (Results | undefined)[]) => {
    const entry = new EntryBuilder(base, id);
    for (const [at, state] of states.entries()) entry.add(state, computed[at] ?? {});
    return entry.build();
  };
  const areThere = (all: typeof results): all is Results[] =>
    !all.some((each) => each instanceof Promise);
  return areThere(results) ? build(results) : Promise.all(results).then(build);
}

type Results = Readonly<Record<string, ComputedResult>>;

/** The states that nobody wrote, and that may follow from those that were. */
async function untouched(
  room: TokenRoom,
  dependents: readonly StateDefinition[],
  written: readonly WrittenState[],
): Promise<WrittenState[]> {
  const states: WrittenState[] = [];
  for (const definition of dependents) {
    if (written.some((state) => state.definition === definition)) continue;
    const before = await Promise.resolve(room.state(definition)).catch(() => null);
    // One whose default throws cannot be watched by anybody.
    if (!before) continue;
    const { loaded, values } = before;
    states.push({ definition, before, loaded, values, operations: [] });
  }
  return states;
}

const valuePaths = new WeakMap<StateDefinition, Map<string, Readonly<Path>>>();

/** Where a var stands: the same path in every commit, which all keep theirs for a while. */
function valuePath(definition: StateDefinition, name: string): Readonly<Path> {
  const known = valuePaths.get(definition) ?? new Map<string, Readonly<Path>>();
  valuePaths.set(definition, known);
  const path = known.get(name) ?? Object.freeze([definition.name, 'values', name]);
  known.set(name, path);
  return path;
}

function readDraft({ definition, before, draft, loaded }: DraftedState): WrittenState | null {
  const isMarked = loaded && !before.loaded;
  if (!draft.written && !isMarked) return null;
  const operations: Operation[] = [];
  if (isMarked) operations.push(['set', [definition.name, 'loaded'], true]);
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(before.values)) {
    const old = before.values[name];
    const settled = draft.snapshotOf(name, [definition.name, name]);
    values[name] = settled;
    if (Object.is(old, settled)) continue;
    const field = definition.vars.get(name);
    const path = valuePath(definition, name);
    const rebased = rebase(old, settled, { path, key: field?.key ?? null });
    values[name] = rebased.value;
    if (rebased.operations.length === 0) continue;
    const refusal = field?.refusal(settled);
    if (refusal) throw new ValueNotStorableError(`${definition.name}.${name}`, refusal);
    for (const operation of rebased.operations) operations.push(operation);
  }
  if (operations.length === 0) return null;
  return { definition, before, loaded, values: markSettled(values), operations };
}

/** Collects what a commit changes, state by state. */
class EntryBuilder {
  readonly #base: TokenSnapshot;
  readonly #version: number;
  readonly #id: string;
  readonly #operations: Operation[] = [];
  readonly #changed: Record<string, string[]> = {};
  readonly #states: Record<string, StateSnapshot>;

  constructor(base: TokenSnapshot, id: string) {
    this.#base = base;
    this.#version = base.position.version + 1;
    this.#id = id;
    this.#states = { ...base.states };
  }

  add(
    { definition, before, loaded, values, operations }: WrittenState,
    computed: Readonly<Record<string, ComputedResult>>,
  ): void {
    const { name } = definition;
    const computedOperations = computedChanges(definition, before, computed);
    if (operations.length === 0 && computedOperations.length === 0) return;
    const next = { version: before.version, loaded, values, computed };
    // What did not change is the same object, see rebase.
    const visible = visibleChanges(definition, before, next, Object.is);
    if (visible.length > 0) {
      this.#changed[name] = visible;
      next.version = this.#version;
    }
    this.#states[name] = Object.freeze(next);
    if (this.#base.states[name]) {
      for (const operation of operations) this.#operations.push(operation);
      for (const operation of computedOperations) this.#operations.push(operation);
    } else {
      this.#operations.push(['set', [name], next]);
    }
  }

  build(): PreparedCommit | null {
    if (this.#operations.length === 0) return null;
    const { position: before } = this.#base;
    const firstId = before.firstId || this.#id;
    const position = Object.freeze({ version: this.#version, id: this.#id, firstId });
    return {
      entry: {
        ...position,
        previousId: before.id,
        operations: this.#operations,
        changed: this.#changed,
      },
      after: Object.freeze({ position, states: Object.freeze(this.#states) }),
    };
  }
}

function computedChanges(
  { name: state, computed: definitions }: StateDefinition,
  before: StateSnapshot,
  after: Readonly<Record<string, ComputedResult>>,
): Operation[] {
  if (before.computed === after) return [];
  const names = new Set([...Object.keys(before.computed), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const old = before.computed[name];
    const result = after[name];
    const path = [state, 'computed', name];
    if (!result) return [['delete', path]] satisfies Operation[];
    if (!old) return [['set', path, result]] satisfies Operation[];
    if (old === result) return [];
    const { value, ...rest } = result;
    const { value: oldValue, ...oldRest } = old;
    return [
      ...diff(oldValue, value, {
        path: [...path, 'value'],
        key: definitions.get(name)?.key ?? null,
      }),
      ...diff(oldRest, rest, { path }),
    ];
  });
}
