import { GraphQLError, type GraphQLResolveInfo, type ResponsePath } from 'graphql';
import { isThenable } from '../../../time/at-once.ts';
import { inspect } from '../inspect.ts';
import type { FieldExecution, Output, SelectedField, SelectionPlan } from '../plan.ts';
import { enterUnlessAbandoned } from '../pure/pure-output.ts';
import { isTrustedSource } from '../trusted-source.ts';

/** An object of a known type, after its `isTypeOf` has said that it is one. */
export class ObjectOutput implements Output {
  readonly isNonNull = false;
  readonly needsInfo: boolean;
  readonly #selection: SelectionPlan;
  readonly #field: SelectedField;

  constructor(selection: SelectionPlan, field: SelectedField) {
    this.needsInfo = Boolean(selection.type.isTypeOf);
    this.#selection = selection;
    this.#field = field;
  }

  complete(
    value: unknown,
    execution: FieldExecution,
    info: GraphQLResolveInfo | null,
    path: ResponsePath,
    before: unknown,
  ): unknown {
    if (value === null || value === undefined) return null;
    if (value instanceof Error) throw value;
    const { type, pure } = this.#selection;
    if (pure && isTrustedSource(value)) {
      const completed = enterUnlessAbandoned(pure, value, before);
      if (completed !== undefined) return completed;
    }
    if (!type.isTypeOf) return execution.executeFields(this.#selection, value, path, before);
    const execute = (isOfType: unknown) => {
      if (isOfType) return execution.executeFields(this.#selection, value, path, before);
      throw this.#invalidType(value);
    };
    const isOfType = type.isTypeOf(value, execution.contextValue, info as GraphQLResolveInfo);
    return isThenable(isOfType) ? isOfType.then(execute) : execute(isOfType);
  }

  #invalidType(value: unknown): GraphQLError {
    const { name } = this.#selection.type;
    return new GraphQLError(`Expected value of type "${name}" but got: ${inspect(value)}.`, {
      nodes: this.#field.nodes,
    });
  }
}
