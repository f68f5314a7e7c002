import { ComputedVarError, ImmutableStateError } from '../errors/index.ts';
import type { StateDefinition } from '../state/definitions.ts';
import type { StateSnapshot } from '../state/snapshot.ts';
import { stateId, type TokenKey } from '../tokens/token-key.ts';
import { readOnly } from '../values/read-only.ts';
import { StateFacade } from './state-facade.ts';

/** Where a view reads. Asked at each read, so that a task's `self` can move on. */
export interface ViewedToken {
  readonly key: TokenKey;
  stateOf(definition: StateDefinition): StateSnapshot;
}

/** The state outside a lock: a snapshot, read-only to the deepest level. */
export function createStateView(
  token: ViewedToken,
  definition: StateDefinition,
  members: (name: string | symbol) => unknown = () => undefined,
): object {
  return new StateView(token, definition, members).show();
}

class StateView extends StateFacade {
  readonly #token: ViewedToken;
  readonly #members: (name: string | symbol) => unknown;

  constructor(
    token: ViewedToken,
    definition: StateDefinition,
    members: (name: string | symbol) => unknown,
  ) {
    super(definition);
    this.#token = token;
    this.#members = members;
  }

  protected override readVar(name: string): unknown {
    return readOnly(this.#token.stateOf(this.definition).values[name]);
  }

  protected override readComputed(name: string): unknown {
    const result = this.#token.stateOf(this.definition).computed[name];
    if (!result || result.failed) throw new ComputedVarError(this.definition.name, name);
    return readOnly(result.value);
  }

  protected override writeVar(name: string): never {
    throw new ImmutableStateError(`set "${name}" of ${this.definition.name}`);
  }

  protected override member(name: string | symbol): unknown {
    switch (name) {
      case 'token':
        return this.#token.key;
      case 'id':
        return stateId(this.#token.key, this.definition.name);
      case 'version':
        return this.#token.stateOf(this.definition).version;
      case 'parent': {
        const { parent } = this.definition;
        return parent ? createStateView(this.#token, parent) : undefined;
      }
      case 'reset':
        return () => {
          throw new ImmutableStateError(`call reset() of ${this.definition.name}`);
        };
      default:
        return this.#members(name);
    }
  }
}
