import { ValueNotStorableError } from '../errors/index.ts';
import type { Evaluation } from '../state/computed/evaluation.ts';
import type { StateDefinition } from '../state/definitions.ts';
import {
  type ComputedResult,
  noResults,
  type Position,
  type StateSnapshot,
  type TokenSnapshot,
} from '../state/snapshot.ts';
import type { Entry } from '../store/state-store.ts';
import { andThen, type MaybePromise } from '../time/at-once.ts';
import { diff } from '../values/diff/diff.ts';
import { rebase } from '../values/diff/rebase.ts';
import type { Operation } from '../values/operation.ts';
import { isObject, type Path } from '../values/plain.ts';
import { markSettled } from '../values/settle.ts';
import { visibleChanges } from './changes.ts';
import type { DraftedState } from './lock-drafts.ts';
import { SetEntry } from './set-entry.ts';
import type { TokenRoom } from './token-room.ts';
import { ValuesLayout } from './values-layout.ts';

/** What a commit would store, and the states it leads to. */
export interface PreparedCommit {
  readonly entry: Entry;
  readonly after: TokenSnapshot;
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
  opened: readonly DraftedState[],
  id: string,
): MaybePromise<PreparedCommit | null> {
  const base = room.snapshot;
  // All drafts are read before anything is awaited: one moment, one commit.
  const written: WrittenState[] = [];
  for (const drafted of opened) {
    const state = readDraft(drafted);
    if (state) written.push(state);
  }
  if (written.length === 0) return null;
  // In a schema that computes nothing, nothing follows.
  if (!room.computes) return buildEntry({ base, id }, written, []);

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
  const areThere = (all: typeof results): all is Results[] =>
    !all.some((each) => each instanceof Promise);
  const build = (computed: readonly Results[]) => buildEntry({ base, id }, states, computed);
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

function readDraft({ definition, before, draft, loaded }: DraftedState): WrittenState | null {
  const isMarked = loaded && !before.loaded;
  if (!draft.written && !isMarked) return null;
  const operations: Operation[] = [];
  if (isMarked) operations.push(['set', [definition.name, 'loaded'], true]);
  const layout = ValuesLayout.of(definition);
  const values = layout.create();
  // For messages: what cannot be stored is told of with its place.
  const place: Path = [definition.name, ''];
  const names = Object.keys(before.values);
  let replaced = 0;
  for (const name of names) {
    const old = before.values[name];
    place[1] = name;
    const settled = draft.snapshotOf(name, place);
    values[name] = settled;
    if (Object.is(old, settled)) continue;
    const field = definition.vars.get(name);
    if (isObject(old) && isObject(settled)) {
      const path = layout.pathOf(name);
      const rebased = rebase(old, settled, { path, key: field?.key ?? null });
      values[name] = rebased.value;
      if (rebased.operations.length === 0) continue;
      for (const operation of rebased.operations) operations.push(operation);
    } else {
      replaced += 1;
    }
    const refusal = field?.refusal(settled);
    if (refusal) throw new ValueNotStorableError(`${definition.name}.${name}`, refusal);
  }
  markSettled(values);
  if (replaced > 0 && replaced === names.length) {
    // The log keeps it for long: it is shorter than one for each, and has nothing that the state has not.
    operations.push(['set', layout.allPath, values]);
  } else if (replaced > 0) {
    for (const name of names) {
      const settled = values[name];
      if (!isReplaced(before.values[name], settled)) continue;
      operations.push(['set', layout.pathOf(name), settled]);
    }
  }
  if (operations.length === 0) return null;
  return { definition, before, loaded, values, operations };
}

/** Whether a value is another one altogether, and not the old object with other parts. */
function isReplaced(old: unknown, now: unknown): boolean {
  return !Object.is(old, now) && !(isObject(old) && isObject(now));
}

/** One commit of all these states, with the results of their computed vars, if they have some; null if nothing differs. */
function buildEntry(
  { base, id }: { readonly base: TokenSnapshot; readonly id: string },
  written: readonly WrittenState[],
  results: readonly Results[],
): PreparedCommit | null {
  const version = base.version + 1;
  let changed: Entry['changed'] = noChanges;
  const states: Record<string, StateSnapshot> = { ...base.states };
  let operations: readonly Operation[] = [];
  for (let at = 0; at < written.length; at += 1) {
    const state = written[at] as WrittenState;
    const { name } = state.definition;
    const computed = results[at] ?? noResults;
    const changes = changesOf(state, computed);
    if (changes.length === 0) continue;
    // What did not change is the same object, see rebase.
    const next = {
      version: state.before.version,
      loaded: state.loaded,
      values: state.values,
      computed,
    };
    const visible = visibleChanges(state.definition, state.before, next, Object.is);
    if (visible.length > 0) {
      changed =
        changed === noChanges
          ? changedOnly(state.definition, visible)
          : { ...changed, [name]: visible };
      next.version = version;
    }
    states[name] = next;
    const stored: readonly Operation[] = base.states[name] ? changes : [['set', [name], next]];
    operations = operations.length === 0 ? stored : [...operations, ...stored];
  }
  if (operations.length === 0) return null;
  const after = { version, id, firstId: base.firstId || id, states };
  const entry = { previousId: base.id, operations, changed };
  return { entry: entryAt(after, entry), after };
}

function entryAt(position: Position, entry: Omit<Entry, keyof Position>): Entry {
  const { previousId, operations, changed } = entry;
  const [first] = operations;
  if (operations.length === 1 && first?.[0] === 'set') return new SetEntry(position, entry, first);
  const { version, id, firstId } = position;
  // The log keeps it for long: as a list without room for more.
  return { version, id, firstId, previousId, operations: [...operations], changed };
}

const noChanges: Entry['changed'] = Object.freeze({});

const latestChanges = new WeakMap<StateDefinition, Entry['changed']>();

/** The changed vars of a commit of one state: the object of the last commit, if that changed the same. */
function changedOnly(definition: StateDefinition, names: readonly string[]): Entry['changed'] {
  const known = latestChanges.get(definition);
  if (known && isSameList(known[definition.name] ?? [], names)) return known;
  const changed = { [definition.name]: names };
  latestChanges.set(definition, changed);
  return changed;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}

/** From the state before to the state as it is written. */
function changesOf(
  { definition, before, operations }: WrittenState,
  computed: Results,
): readonly Operation[] {
  const computedOperations = computedChanges(definition, before, computed);
  return computedOperations.length === 0 ? operations : [...operations, ...computedOperations];
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
