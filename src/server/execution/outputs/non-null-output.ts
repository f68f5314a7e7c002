import type { FieldCall, Output, Place } from '../plan.ts';

/** What may not be null. */
export class NonNullOutput implements Output {
  readonly isNonNull = true;
  readonly #inner: Output;

  constructor(inner: Output) {
    this.#inner = inner;
  }

  complete(call: FieldCall, value: unknown, place: Place): unknown {
    const completed = this.#inner.complete(call, value, place);
    if (completed !== null) return completed;
    const { parentType, fieldName } = call.info;
    throw new Error(`Cannot return null for non-nullable field ${parentType.name}.${fieldName}.`);
  }
}
