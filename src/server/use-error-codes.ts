import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Gives the errors of GraphQL itself an `extensions.code` too, the same on
 * every transport: `GRAPHQL_PARSE_FAILED`, `GRAPHQL_VALIDATION_FAILED`, and
 * `BAD_USER_INPUT` for variables of the wrong type.
 */
export function useErrorCodes(): Plugin {
  return {
    onParse() {
      return ({ result }) => {
        if (result instanceof GraphQLError) setCode(result, 'GRAPHQL_PARSE_FAILED');
      };
    },
    onValidate() {
      return ({ result }) => {
        for (const error of result) setCode(error, 'GRAPHQL_VALIDATION_FAILED');
      };
    },
    onExecute() {
      return { onExecuteDone: ({ result }) => nameInputErrors(result) };
    },
    onSubscribe() {
      return { onSubscribeResult: ({ result }) => nameInputErrors(result) };
    },
  };
}

function nameInputErrors(result: unknown): void {
  const { errors } = result as { errors?: readonly unknown[] };
  for (const error of errors ?? []) {
    if (isOfGraphQL(error)) setCode(error, 'BAD_USER_INPUT');
  }
}

/** Whether no resolver threw it: all the way down it is an error of GraphQL, of a scalar for instance. */
function isOfGraphQL(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return false;
  return !error.originalError || isOfGraphQL(error.originalError);
}

function setCode(error: unknown, code: string): void {
  if (!(error instanceof GraphQLError)) return;
  error.extensions['code'] ??= code;
  error.extensions['retryable'] ??= false;
}
