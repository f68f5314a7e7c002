import { GraphQLError } from 'graphql';
import { maskError as yogaMaskError } from 'graphql-yoga';
import { StatewireError } from '../errors/index.ts';

/**
 * What clients see of an error: those of statewire and GraphQL as they are,
 * with their `extensions.code`; any other as "Unexpected error.", with the
 * original in its extensions only in development.
 */
export function createMaskError(development: boolean) {
  return (error: unknown, message: string): Error => {
    const own = findStatewireError(error);
    if (!own) return yogaMaskError(error, message, development);
    return error instanceof GraphQLError
      ? error
      : new GraphQLError(own.message, { extensions: { ...own.extensions } });
  };
}

function findStatewireError(error: unknown): StatewireError | null {
  if (error instanceof StatewireError) return error;
  return error instanceof GraphQLError && error.originalError
    ? findStatewireError(error.originalError)
    : null;
}
