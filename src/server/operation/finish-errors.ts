import { type ExecutionResult, GraphQLError } from 'graphql';

/** Makes an error what clients see of it. */
export type Mask = (error: unknown) => Error;

/** The same result with its errors as clients get them: each with a code, and masked. */
export function finishErrors(result: ExecutionResult, mask: Mask): ExecutionResult {
  if (!result.errors) return result;
  const errors = result.errors.map((error) => {
    nameError(error);
    return mask(error) as GraphQLError;
  });
  return { ...result, errors };
}

/**
 * Gives an error an `extensions.code`, if it has none: `BAD_USER_INPUT` for variables of
 * the wrong type, and `INTERNAL_SERVER_ERROR` for what a resolver threw without one.
 */
function nameError(error: unknown): void {
  if (!(error instanceof GraphQLError)) return;
  // What comes before any field is executed has no path: it is the request's fault.
  if (error.path === undefined && isOfGraphQL(error)) setCode(error, 'BAD_USER_INPUT');
  const code = codeOfPlugin(error);
  if (code) setCode(error, code);
  error.extensions['code'] ??= 'INTERNAL_SERVER_ERROR';
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

/** Leaves a code that it has. */
export function setCode(error: unknown, code: string): void {
  if (!(error instanceof GraphQLError)) return;
  error.extensions['code'] ??= code;
  error.extensions['retryable'] ??= false;
}
