import { ComputedVarError } from '../errors/index.ts';
import type { StateDefinition, StateReference } from '../state/definitions.ts';
import { requireEventCall } from '../state/event-reference.ts';
import { initialValues } from '../state/initial-state.ts';
import { andThen, type MaybePromise } from '../time/at-once.ts';
import { stateId } from '../tokens/token-key.ts';
import { readOnly } from '../values/read-only.ts';
import { createFacade, type FacadeSource } from './state-facade.ts';
import type { TokenLock } from './token-lock.ts';

/** The state as a handler writes it inside a lock. */
export function openState(lock: TokenLock, definition: StateDefinition): MaybePromise<object> {
  return andThen(lock.open(definition), () => createStateDraft(lock, definition));
}

/** The same for a state that was opened, with more members if wanted. */
export function createStateDraft(
  lock: TokenLock,
  definition: StateDefinition,
  members: (name: string | symbol) => unknown = () => undefined,
): object {
  return createFacade(new StateDraft(lock, definition, members));
}

class StateDraft implements FacadeSource {
  readonly definition: StateDefinition;
  readonly #lock: TokenLock;
  readonly #members: (name: string | symbol) => unknown;

  constructor(
    lock: TokenLock,
    definition: StateDefinition,
    members: (name: string | symbol) => unknown,
  ) {
    this.definition = definition;
    this.#lock = lock;
    this.#members = members;
  }

  readVar(name: string): unknown {
    this.#lock.assertReadable();
    const draft = this.#lock.draft(this.definition);
    return draft.get({}, name);
  }

  writeVar(name: string, value: unknown): void {
    this.#lock.assertWritable();
    this.#lock.draft(this.definition).set({}, name, value === undefined ? null : value);
  }

  /** From the values in the draft. An async one is as of the last commit. */
  readComputed(name: string): unknown {
    this.#lock.assertReadable();
    const result = this.#lock.peekComputed(this.definition, name);
    if (!result || result.failed) throw new ComputedVarError(this.definition.name, name);
    return readOnly(result.value);
  }

  #reset(names: readonly string[]): void {
    this.#lock.assertWritable();
    const defaults = initialValues(this.definition);
    for (const name of names) {
      if (Object.hasOwn(defaults, name)) continue;
      throw new TypeError(
        `Expected a var of ${this.definition.name} to reset, got ${JSON.stringify(name)}.`,
      );
    }
    for (const [name, value] of Object.entries(defaults)) {
      if (names.length === 0 || names.includes(name)) this.writeVar(name, value);
    }
  }

  member(name: string | symbol): unknown {
    return lockMember(this.#lock, name) ?? this.#stateMember(name) ?? this.#members(name);
  }

  #stateMember(name: string | symbol): unknown {
    const lock = this.#lock;
    switch (name) {
      case 'id':
        return stateId(lock.room.key, this.definition.name);
      case 'version':
        lock.assertReadable();
        return lock.room.stateAt(lock.room.snapshot, this.definition)?.version;
      case 'reset':
        return (...names: string[]) => this.#reset(names);
      case 'parent': {
        const { parent } = this.definition;
        return parent ? createStateDraft(lock, parent) : undefined;
      }
      default:
        return undefined;
    }
  }
}

/** What every lock offers, with or without a state of its own. */
export function lockMember(lock: TokenLock, name: string | symbol): unknown {
  switch (name) {
    case 'token':
      return lock.room.key;
    case 'signal':
      return lock.signal;
    case 'flush':
      return () => lock.flush();
    case 'rollback':
      return () => lock.rollback();
    case 'trigger':
      return (reference: unknown) => lock.trigger(requireEventCall(reference));
    case 'getState':
      return async (reference: StateReference) => openState(lock, reference.definition);
    default:
      return undefined;
  }
}
