import { isGraphQLError } from '../errors/is-graphql-error.ts';
import type { TaskFailure } from '../store/stored-task.ts';
import { findStatewireError, originalOf } from './mask-error.ts';

const unexpected = { code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.' };

/** Says why a task failed, as far as clients may know: what they would of an event that throws the same. */
export function createDescribeFailure(maskErrors: boolean) {
  return (error: unknown): TaskFailure => {
    try {
      return failureOf(error, maskErrors);
    } catch {
      // Whatever was thrown: it may have no text, or throw when it is asked for anything.
      return unexpected;
    }
  };
}

function failureOf(error: unknown, maskErrors: boolean): TaskFailure {
  const own = findStatewireError(error);
  if (own) return { code: own.code, message: own.message };
  const original = originalOf(error);
  // Whoever throws a GraphQLError means it for the client.
  if (isGraphQLError(original)) {
    const { code } = original.extensions;
    const message = String(original.message);
    return { code: typeof code === 'string' ? code : unexpected.code, message };
  }
  if (maskErrors) return unexpected;
  return { ...unexpected, message: String(error instanceof Error ? error.message : error) };
}
