import { ComputedVarError } from '../src/errors/index.ts';
import type { StateDefinition } from '../src/state/definitions.ts';
import type { StateSnapshot } from '../src/state/snapshot.ts';
import { stateId, type TokenKey } from '../src/tokens/token-key.ts';

const payloads = new WeakMap<StateSnapshot, StatePayload>();

/**
 * One version of a state as GraphQL reads it: every var and backend var under
 * its name, for the resolvers and auth functions of users. The same snapshot
 * gives the same object.
 */
export function statePayload(
  key: TokenKey,
  definition: StateDefinition,
  snapshot: StateSnapshot,
): StatePayload {
  let payload = payloads.get(snapshot);
  if (!payload) {
    payload = new StatePayload(key, definition, snapshot);
    Object.freeze(payload);
    payloads.set(snapshot, payload);
  }
  return payload;
}

export class StatePayload {
  readonly #key: TokenKey;
  readonly #definition: StateDefinition;
  readonly #snapshot: StateSnapshot;

  constructor(key: TokenKey, definition: StateDefinition, snapshot: StateSnapshot) {
    this.#key = key;
    this.#definition = definition;
    this.#snapshot = snapshot;
    Object.assign(this, snapshot.values);
    for (const [name, { value }] of Object.entries(snapshot.computed)) {
      Object.defineProperty(this, name, { value, enumerable: true });
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
