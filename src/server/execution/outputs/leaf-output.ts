import type { GraphQLLeafType } from 'graphql';
import { inspect } from '../inspect.ts';
import type { Output } from '../plan.ts';

/** A scalar or an enum. */
export class LeafOutput implements Output {
  readonly isNonNull = false;
  readonly needsInfo = false;
  readonly #type: GraphQLLeafType;
  readonly #serialize: (value: unknown) => unknown;

  constructor(type: GraphQLLeafType, serialize: (value: unknown) => unknown) {
    this.#type = type;
    this.#serialize = serialize;
  }

  complete(value: unknown): unknown {
    if (value === null || value === undefined) return null;
    if (value instanceof Error) throw value;
    const serialized = this.#serialize(value);
    if (serialized !== null && serialized !== undefined) return serialized;
    throw new Error(
      `Expected \`${this.#type}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${serialized}`,
    );
  }
}
