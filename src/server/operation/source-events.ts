import * as graphql from 'graphql';

/** Of graphql 17. */
type ValidateArgs = (args: graphql.ExecutionArgs) => readonly graphql.GraphQLError[] | object;

/** What a subscription's field gives, before it is executed for each; or what is wrong with it. */
export async function createEvents(
  args: graphql.ExecutionArgs,
): Promise<AsyncIterableIterator<unknown> | graphql.ExecutionResult> {
  const { validateSubscriptionArgs: validate } = graphql as {
    validateSubscriptionArgs?: ValidateArgs;
  };
  const validated = validate ? validate(args) : args;
  if (Array.isArray(validated)) return { errors: validated };
  const events = await graphql.createSourceEventStream(validated as graphql.ExecutionArgs);
  // Ours are iterators themselves; those of users may be what makes them.
  return Symbol.asyncIterator in events
    ? (events[Symbol.asyncIterator]() as AsyncIterableIterator<unknown>)
    : events;
}
