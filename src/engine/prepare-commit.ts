import { type ComputedOptions, evaluateComputed } from '../state/computed.ts';
import type { StateDefinition } from '../state/definitions.ts';
import type { StateSnapshot, TokenSnapshot } from '../state/snapshot.ts';
import type { Entry } from '../store/state-store.ts';
import { diff } from '../values/diff/diff.ts';
import type { ObjectDraft } from '../values/draft/object-draft.ts';
import type { Operation } from '../values/operation.ts';
import { visibleChanges } from './changes.ts';

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
}

/**
 * What the drafts changed since `base`, with the computed vars that follow;
 * null if nothing did.
 *
 * @throws {@link ValueNotStorableError}; nothing is changed then.
 */
export async function prepareCommit(
  base: TokenSnapshot,
  drafted: Iterable<DraftedState>,
  options: {
    readonly id: string;
    readonly computed: (definition: StateDefinition) => ComputedOptions;
  },
): Promise<PreparedCommit | null> {
  // All drafts are read before anything is awaited: one moment, one commit.
  const written = [...drafted].flatMap(readDraft);
  if (written.length === 0) return null;

  const version = base.position.version + 1;
  const operations: Operation[] = [];
  const changed: Record<string, string[]> = {};
  const states: Record<string, StateSnapshot> = { ...base.states };
  for (const { definition, before, values, valueOperations } of written) {
    const { name } = definition;
    const computed = await evaluateComputed(
      definition,
      values,
      before,
      options.computed(definition),
    );
    const next = { version: before.version, values, computed };
    const visible = visibleChanges(definition, before, next);
    if (visible.length > 0) {
      changed[name] = visible;
      next.version = version;
    }
    states[name] = Object.freeze(next);
    if (base.states[name]) {
      for (const operation of valueOperations) operations.push(operation);
      for (const operation of diff(before.computed, computed, { path: [name, 'computed'] })) {
        operations.push(operation);
      }
    } else {
      operations.push(['set', [name], states[name]]);
    }
  }
  const firstId = base.position.firstId || options.id;
  const position = Object.freeze({ version, id: options.id, firstId });
  return {
    entry: { ...position, previousId: base.position.id, operations, changed },
    after: Object.freeze({ position, states: Object.freeze(states) }),
  };
}

interface WrittenState extends Pick<DraftedState, 'definition' | 'before'> {
  readonly values: Readonly<Record<string, unknown>>;
  readonly valueOperations: readonly Operation[];
}

function readDraft({ definition, before, draft }: DraftedState): WrittenState[] {
  if (!draft.written) return [];
  const values: Record<string, unknown> = {};
  const valueOperations: Operation[] = [];
  for (const [key, old] of Object.entries(before.values)) {
    const value = draft.snapshotOf(key, [definition.name, key]);
    const operations = diff(old, value, { path: [definition.name, 'values', key] });
    // An equal value is the old one, so that unchanged parts stay shared.
    values[key] = operations.length > 0 ? value : old;
    for (const operation of operations) valueOperations.push(operation);
  }
  if (valueOperations.length === 0) return [];
  return [{ definition, before, values: Object.freeze(values), valueOperations }];
}
