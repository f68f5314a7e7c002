import { StatewireError } from '../errors/index.ts';
import { isGraphQLError } from '../errors/is-graphql-error.ts';
import type { TaskFailure } from '../store/stored-task.ts';

const code = 'INTERNAL_SERVER_ERROR';

/** Says why a task failed, as far as clients may know: in production, the message of an unexpected error is not for them. */
export function createDescribeFailure(maskErrors: boolean) {
  return (error: unknown): TaskFailure => {
    if (error instanceof StatewireError) return { code: error.code, message: error.message };
    // Whoever throws a GraphQLError means it for the client.
    if (isGraphQLError(error)) {
      return { code: String(error.extensions['code'] ?? code), message: error.message };
    }
    return { code, message: maskErrors ? 'Unexpected error.' : messageOf(error) };
  };
}

/** Whatever was thrown. */
function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    // It has no text, or throws when it is asked for it.
    return 'Unexpected error.';
  }
}
