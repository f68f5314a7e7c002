import { ComputedVarError, ImmutableStateError } from '../errors/index.ts';
import type { StateDefinition } from '../state/definitions.ts';
import type { StateSnapshot } from '../state/snapshot.ts';
import { stateId, type TokenKey } from '../tokens/token-key.ts';
import { readOnly } from '../values/read-only.ts';
import { createFacade, type FacadeSource } from './state-facade.ts';

/**
 * The state outside a lock: a snapshot, read-only to the deepest level.
 * `current` is asked at each read, so that a task's `self` can move on.
 */
export function createStateView(
  key: TokenKey,
  definition: StateDefinition,
  current: () => StateSnapshot,
  members: (name: string | symbol) => unknown = () => undefined,
): object {
  return createFacade(new StateView(key, definition, current, members));
}

class StateView implements FacadeSource {
  readonly definition: StateDefinition;
  readonly #key: TokenKey;
  readonly #current: () => StateSnapshot;
  readonly #members: (name: string | symbol) => unknown;

  constructor(
    key: TokenKey,
    definition: StateDefinition,
    current: () => StateSnapshot,
    members: (name: string | symbol) => unknown,
  ) {
    this.#key = key;
    this.definition = definition;
    this.#current = current;
    this.#members = members;
  }

  readVar(name: string): unknown {
    return readOnly(this.#current().values[name]);
  }

  readComputed(name: string): unknown {
    const result = this.#current().computed[name];
    if (!result || result.failed) throw new ComputedVarError(this.definition.name, name);
    return readOnly(result.value);
  }

  writeVar(name: string): never {
    throw new ImmutableStateError(`set "${name}" of ${this.definition.name}`);
  }

  member(name: string | symbol): unknown {
    switch (name) {
      case 'token':
        return this.#key;
      case 'id':
        return stateId(this.#key, this.definition.name);
      case 'version':
        return this.#current().version;
      case 'reset':
        return () => {
          throw new ImmutableStateError(`call reset() of ${this.definition.name}`);
        };
      default:
        return this.#members(name);
    }
  }
}
