import { ComputedVarError } from '../src/errors/index.ts';
import type { StateDefinition } from '../src/state/definitions.ts';
import type { StateSnapshot } from '../src/state/snapshot.ts';
import { stateId, type TokenKey } from '../src/tokens/token-key.ts';
import { Latest } from './latest.ts';
import { Payload } from './payload.ts';

/** Of the latest snapshots: whoever gets a commit in a diff, an answer or a query reads one object. */
const latest = new Latest<StateSnapshot, StatePayload>(16);

/**
 * One version of a state as GraphQL reads it: every var and backend var under
 * its name, for the resolvers and auth functions of users. The same snapshot
 * gives the same object to all who read it at about the same time.
 */
export function statePayload(
  key: TokenKey,
  definition: StateDefinition,
  snapshot: StateSnapshot,
): StatePayload {
  const known = latest.get(snapshot);
  if (known) return known;
  const payload = new StatePayload(key, definition, snapshot);
  Object.freeze(payload);
  latest.add(snapshot, payload);
  return payload;
}

export class StatePayload extends Payload {
  readonly #key: TokenKey;
  readonly #definition: StateDefinition;
  readonly #snapshot: StateSnapshot;

  constructor(key: TokenKey, definition: StateDefinition, snapshot: StateSnapshot) {
    super();
    this.#key = key;
    this.#definition = definition;
    this.#snapshot = snapshot;
    Object.assign(this, snapshot.values);
    const { computed } = snapshot;
    for (const name of Object.keys(computed)) {
      Object.defineProperty(this, name, { value: computed[name]?.value, enumerable: true });
    }
  }

  get id(): string {
    return stateId(this.#key, this.#definition.name);
  }

  get version(): number {
    return this.#snapshot.version;
  }

  static typename(payload: StatePayload): string {
    return payload.#definition.name;
  }

  /** A resolver of the user's may give any object as one of the state's type. */
  static readVar(payload: StatePayload | Readonly<Record<string, unknown>>, name: string): unknown {
    return #snapshot in payload ? payload.#snapshot.values[name] : payload[name];
  }

  /** @throws {@link ComputedVarError} */
  static readComputed(
    payload: StatePayload | Readonly<Record<string, unknown>>,
    name: string,
  ): unknown {
    if (!(#snapshot in payload)) return payload[name];
    const result = payload.#snapshot.computed[name];
    if (!result || result.failed) throw new ComputedVarError(payload.#definition.name, name);
    return result.value;
  }
}
