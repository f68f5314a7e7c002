import { randomUUID } from 'node:crypto';
import type { EvaluatedState } from '../state/computed/evaluated-state.ts';
import type { StateDefinition } from '../state/definitions.ts';
import { type FittedValues, fitValues } from '../state/fit-values.ts';
import type { StateSnapshot } from '../state/snapshot.ts';
import { rebase } from '../values/diff/rebase.ts';
import { acquireLock } from './acquire-lock.ts';
import type { EngineOptions } from './engine-options.ts';
import { buildCommit, type PreparedCommit, type WrittenState } from './prepare-commit.ts';
import type { TokenRoom } from './token-room.ts';

/**
 * Makes a token that was just loaded what the definitions of this process say:
 * one that an earlier version of them has stored may lack vars, have others, or
 * have computed vars of another function. What differs is a commit like any
 * other, so that every node and every cursor agrees on it.
 */
export async function fitStates(room: TokenRoom, options: EngineOptions): Promise<void> {
  // Nobody is told of failures yet: it may be that nothing has to be done.
  if (!(await prepareFit(room, options, { silent: true }))) return;
  const lock = await acquireLock(options, room, {
    label: 'the change of a definition',
    patient: true,
    plan: () => ({ tasks: [], run() {} }),
  });
  try {
    const prepared = await prepareFit(room, options, { silent: false });
    if (prepared) await lock.commit(prepared);
  } finally {
    lock.release();
  }
}

async function prepareFit(
  room: TokenRoom,
  options: EngineOptions,
  { silent }: { readonly silent: boolean },
): Promise<PreparedCommit | null> {
  const base = room.snapshot;
  const states = new Map<StateDefinition, WrittenState>();
  for (const [name, before] of Object.entries(base.states)) {
    const definition = options.definitions.get(name);
    // A state that the schema has no more stays as it is: it may come back.
    if (!definition) continue;
    const fitted = fitValues(definition, before.values);
    if (fitted && !silent) tell(room, options, { definition, fitted });
    states.set(definition, fittedState(definition, before, fitted));
  }
  if (states.size === 0) return null;
  const evaluation = room.evaluation(
    (definition): EvaluatedState => {
      const state = states.get(definition);
      // Without a past every computed var is evaluated.
      return state ? { ...state, before: null } : room.committed(definition);
    },
    { silent },
  );
  return buildCommit({ base, states: [...states.values()], evaluation, id: randomUUID() });
}

function fittedState(
  definition: StateDefinition,
  before: StateSnapshot,
  fitted: FittedValues | null,
): WrittenState {
  const { loaded, values: stored } = before;
  if (!fitted) return { definition, before, loaded, values: stored, operations: [] };
  const path = [definition.name, 'values'];
  // On the stored values, so that what fits stays the same object.
  const { value, operations } = rebase(stored, fitted.values, { path, key: null });
  return { definition, before, loaded, values: value as StateSnapshot['values'], operations };
}

function tell(
  room: TokenRoom,
  { logger }: EngineOptions,
  { definition, fitted }: { readonly definition: StateDefinition; readonly fitted: FittedValues },
): void {
  const { reset, failure } = fitted;
  if (reset.length === 0 && failure === null) return;
  const details = { key: room.key, state: definition.name, reset, err: failure ?? undefined };
  const migration = failure === null ? '' : '; migrate failed';
  const names = reset.length === 0 ? 'nothing' : reset.join(', ');
  logger.warn(
    details,
    `stored values of ${definition.name} do not fit its definition: ${names} put back to defaults${migration}`,
  );
}
