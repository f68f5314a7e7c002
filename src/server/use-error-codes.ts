import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * Gives the errors of GraphQL itself an `extensions.code` too, the same on
 * every transport: `GRAPHQL_PARSE_FAILED`, `GRAPHQL_VALIDATION_FAILED`, and
 * `BAD_USER_INPUT` for variables of the wrong type. An error that a resolver
 * threw without a code gets `INTERNAL_SERVER_ERROR`, as elsewhere.
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
      return { onExecuteDone: ({ result }) => nameErrors(result) };
    },
    onSubscribe() {
      return {
        onSubscribeResult({ result }) {
          nameErrors(result);
          return { onNext: ({ result: next }) => nameErrors(next) };
        },
      };
    },
  };
}

function nameErrors(result: unknown): void {
  const { errors } = result as { errors?: readonly unknown[] };
  for (const error of errors ?? []) {
    if (!(error instanceof GraphQLError)) continue;
    // What comes before any field is executed has no path: it is the request's fault.
    if (error.path === undefined && isOfGraphQL(error)) setCode(error, 'BAD_USER_INPUT');
    const code = codeOfPlugin(error);
    if (code) setCode(error, code);
    error.extensions['code'] ??= 'INTERNAL_SERVER_ERROR';
  }
}

/**
 * The code of an error by which a plugin of Pothos refuses a field: the
 * `ForbiddenError` of scope-auth has one, that of validation has its `issues`.
 */
function codeOfPlugin(error: unknown): string | null {
  if (!(error instanceof GraphQLError)) return null;
  const { code, issues } = error as { readonly code?: unknown; readonly issues?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(issues) ? 'BAD_USER_INPUT' : codeOfPlugin(error.originalError);
}

/** Whether no other code threw it: all the way down it is an error of GraphQL, of a scalar for instance. */
function isOfGraphQL(error: unknown): boolean {
  if (!(error instanceof GraphQLError)) return false;
  return !error.originalError || isOfGraphQL(error.originalError);
}

function setCode(error: unknown, code: string): void {
  if (!(error instanceof GraphQLError)) return;
  error.extensions['code'] ??= code;
  error.extensions['retryable'] ??= false;
}
