import type { EvaluatedState } from '../state/computed/evaluated-state.ts';
import type { Evaluation } from '../state/computed/evaluation.ts';
import type { StateDefinition } from '../state/definitions.ts';
import { doFit, fitValues } from '../state/fit-values.ts';
import type { StateSnapshot } from '../state/snapshot.ts';
import { isEqual } from '../values/diff/diff.ts';
import { rebase } from '../values/diff/rebase.ts';
import { acquireLock } from './acquire-lock.ts';
import { newCommitId } from './commit-id.ts';
import type { EngineOptions } from './engine-options.ts';
import { noFollowUps } from './follow-ups.ts';
import { buildCommit, type WrittenState } from './prepare-commit.ts';
import type { TokenRoom } from './token-room.ts';

/**
 * Makes a token that was just loaded what the definitions of this process say:
 * one that an earlier version of them has stored may lack vars, have others, or
 * have computed vars of another function. What differs is a commit like any
 * other, so that every node and every cursor agrees on it.
 *
 * @throws {@link MigrationError}; nothing is changed then.
 */
export async function fitStates(room: TokenRoom, options: EngineOptions): Promise<void> {
  if (await isFit(room, options)) return;
  const lock = await acquireLock(options, room, {
    label: 'the change of a definition',
    patient: true,
    plan: () => noFollowUps,
  });
  lock.limitTime();
  try {
    const base = room.snapshot;
    const states = storedStates(room, options).map((stored) => fitted(room, options, stored));
    const evaluation = evaluateAnew(room, states, { silent: false });
    const prepared = await buildCommit({ base, states, evaluation, id: newCommitId() });
    if (prepared) await lock.commit(prepared);
  } finally {
    lock.release();
  }
}

interface StoredState {
  readonly definition: StateDefinition;
  readonly before: StateSnapshot;
}

/** A state that the schema has no more stays as it is: it may come back. */
function storedStates(room: TokenRoom, { definitions }: EngineOptions): StoredState[] {
  return Object.entries(room.snapshot.states).flatMap(([name, before]) => {
    const definition = definitions.get(name);
    return definition ? [{ definition, before }] : [];
  });
}

/** Whether nothing has to be done. Nobody is told of failures here. */
async function isFit(room: TokenRoom, options: EngineOptions): Promise<boolean> {
  const stored = storedStates(room, options);
  if (!stored.every(({ definition, before }) => doFit(definition, before.values))) return false;
  const states = stored.map((state) => unchanged(state));
  const evaluation = evaluateAnew(room, states, { silent: true });
  for (const { definition, before } of stored) {
    const computed = await evaluation.results(definition);
    if (Object.keys(before.computed).some((name) => !computed[name])) return false;
    for (const [name, { cached }] of definition.computed) {
      // One without a cache is evaluated at every commit anyway.
      if (cached && !isEqual(before.computed[name], computed[name])) return false;
    }
  }
  return true;
}

/** Without a past every computed var is evaluated: nobody can tell whether its function has changed. */
function evaluateAnew(
  room: TokenRoom,
  states: readonly WrittenState[],
  options: { readonly silent: boolean },
): Evaluation {
  return room.evaluation((definition): EvaluatedState => {
    const state = states.find((each) => each.definition === definition);
    return state ? { ...state, before: null } : room.committed(definition);
  }, options);
}

function unchanged({ definition, before }: StoredState): WrittenState {
  const { loaded, values } = before;
  return { definition, before, loaded, values, operations: [] };
}

function fitted(room: TokenRoom, { logger }: EngineOptions, stored: StoredState): WrittenState {
  const { definition, before } = stored;
  if (doFit(definition, before.values)) return unchanged(stored);
  const { name } = definition;
  const { values, reset } = fitValues(definition, before.values);
  if (reset.length > 0) {
    const message = `stored vars of ${name} are not of their type any more, and were reset: ${reset.join(', ')}`;
    logger.warn({ key: room.key, state: name, reset }, message);
  }
  const dropped = Object.keys(before.values).filter((field) => !Object.hasOwn(values, field));
  if (dropped.length > 0) {
    const message = `stored vars of ${name} are no longer defined, and were dropped: ${dropped.join(', ')}`;
    logger.info({ key: room.key, state: name, dropped }, message);
  }
  // On the stored values, so that what fits stays the same object.
  const path = [name, 'values'];
  const rebased = rebase(before.values, values, { path, key: null });
  return {
    ...unchanged(stored),
    values: rebased.value as StateSnapshot['values'],
    operations: rebased.operations,
  };
}
