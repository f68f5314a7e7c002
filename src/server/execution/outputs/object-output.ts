import { GraphQLError, type GraphQLObjectType } from 'graphql';
import { isThenable } from '../../../time/at-once.ts';
import { inspect } from '../inspect.ts';
import type { FieldCall, Output, Place, SelectionPlan } from '../plan.ts';
import { unlessAbandoned } from '../pure/pure-output.ts';
import { isTrustedSource } from '../trusted-source.ts';

/** An object of a known type. */
export class ObjectOutput implements Output {
  readonly isNonNull = false;
  readonly #selection: SelectionPlan;

  constructor(selection: SelectionPlan) {
    this.#selection = selection;
  }

  complete(call: FieldCall, value: unknown, place: Place): unknown {
    if (value instanceof Error) throw value;
    if (value === null || value === undefined) return null;
    return completeObject(this.#selection, call, { value, place });
  }
}

/** An object of a type, after its `isTypeOf` has said that it is one. */
export function completeObject(
  selection: SelectionPlan,
  call: FieldCall,
  { value, place }: { readonly value: unknown; readonly place: Place },
): unknown {
  const { type, pure } = selection;
  const { execution, info } = call;
  if (pure && isTrustedSource(value)) {
    const completed = unlessAbandoned(() => pure.enter(value, place.before));
    if (completed !== undefined) return completed;
  }
  if (!type.isTypeOf) return execution.executeFields(selection, value, place);
  const execute = (isOfType: unknown) => {
    if (isOfType) return execution.executeFields(selection, value, place);
    throw invalidType(type, call, value);
  };
  const isOfType = type.isTypeOf(value, execution.contextValue, info);
  return isThenable(isOfType) ? isOfType.then(execute) : execute(isOfType);
}

function invalidType(type: GraphQLObjectType, { field }: FieldCall, value: unknown): GraphQLError {
  return new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, {
    nodes: field.nodes,
  });
}
