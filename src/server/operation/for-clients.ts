import type {
  ExecutionResult,
  FormattedExecutionResult,
  GraphQLError,
  GraphQLFormattedError,
} from 'graphql';
import { WrittenDelta } from '../../delta/written-delta.ts';

/**
 * A result as clients get it, as JSON.
 *
 * @throws TypeError if it cannot be written as JSON
 */
export function textForClients(result: ExecutionResult): string {
  return result instanceof WrittenDelta ? result.text : JSON.stringify(forClients(result));
}

/** A result as clients get it; the same object if it has no errors. */
function forClients(result: ExecutionResult): FormattedExecutionResult {
  const { errors } = result;
  return errors
    ? { ...result, errors: withoutInternals(errors) }
    : (result as FormattedExecutionResult);
}

/** What yoga notes for itself in an error's extensions is not for clients; over HTTP it takes it out too. */
export function withoutInternals(errors: readonly GraphQLError[]): GraphQLFormattedError[] {
  return errors.map((error) => {
    const { extensions, ...rest } = error.toJSON();
    if (!extensions) return rest;
    const { http: _http, unexpected: _unexpected, ...others } = extensions;
    return { ...rest, extensions: others };
  });
}
