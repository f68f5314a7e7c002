import type { GraphQLResolveInfo, ResponsePath } from 'graphql';
import type { FieldExecution, Output, SelectedField } from '../plan.ts';

/** What may not be null. */
export class NonNullOutput implements Output {
  readonly isNonNull = true;
  readonly needsInfo: boolean;
  readonly #inner: Output;
  readonly #field: SelectedField;

  constructor(inner: Output, field: SelectedField) {
    this.needsInfo = inner.needsInfo;
    this.#inner = inner;
    this.#field = field;
  }

  complete(
    value: unknown,
    execution: FieldExecution,
    info: GraphQLResolveInfo | null,
    path: ResponsePath,
    before: unknown,
  ): unknown {
    const completed = this.#inner.complete(value, execution, info, path, before);
    if (completed !== null) return completed;
    const { parentType, definition } = this.#field;
    throw new Error(
      `Cannot return null for non-nullable field ${parentType.name}.${definition.name}.`,
    );
  }
}
