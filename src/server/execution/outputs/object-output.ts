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
    const { type } = this.#selection;
    if (!type.isTypeOf) return this.#makeFields(value as object, execution, path, before);
    const make = (isOfType: unknown) => {
      if (isOfType) return this.#makeFields(value as object, execution, path, before);
      throw this.#invalidType(value);
    };
    const isOfType = type.isTypeOf(value, execution.contextValue, info as GraphQLResolveInfo);
    return isThenable(isOfType) ? isOfType.then(make) : make(isOfType);
  }

  #makeFields(
    value: object,
    execution: FieldExecution,
    path: ResponsePath,
    before: unknown,
  ): unknown {
    const { pureFields } = this.#selection;
    if (pureFields && isTrustedSource(value)) {
      const made = enterUnlessAbandoned(pureFields, value, before);
      if (made !== undefined) return made;
    }
    return execution.executeFields(this.#selection, value, path, before);
  }

  #invalidType(value: unknown): GraphQLError {
    const { name } = this.#selection.type;
    return new GraphQLError(`Expected value of type "${name}" but got: ${inspect(value)}.`, {
      nodes: this.#field.nodes,
    });
  }
}
