import { StatewireError } from '../errors/index.ts';
import { isGraphQLError } from '../errors/is-graphql-error.ts';
import type { TaskFailure } from '../store/stored-task.ts';

const unexpected = { code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.' };

/** Says why a task failed, as far as clients may know: in production, the message of an unexpected error is not for them. */
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
  if (error instanceof StatewireError) return { code: error.code, message: error.message };
  // Whoever throws a GraphQLError means it for the client.
  if (isGraphQLError(error)) {
    const { code } = error.extensions;
    return {
      code: typeof code === 'string' ? code : unexpected.code,
      message: String(error.message),
    };
  }
  if (maskErrors) return unexpected;
  return { ...unexpected, message: String(error instanceof Error ? error.message : error) };
}
