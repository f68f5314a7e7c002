import { GraphQLError } from 'graphql';
import { maskError as yogaMaskError } from 'graphql-yoga';
import { StatewireError } from '../errors/index.ts';
import { isGraphQLError } from '../errors/is-graphql-error.ts';

/**
 * What clients see of an error: those of statewire and GraphQL as they are,
 * with their `extensions.code`; any other as "Unexpected error.", with the
 * original in its extensions only in development, and told to `onUnexpected`.
 */
export function createMaskError(development: boolean, onUnexpected: (error: unknown) => void) {
  return (error: unknown, message: string): Error => {
    const own = findStatewireError(error) ?? findForeign(error);
    if (!own) {
      const masked = yogaMaskError(error, message, development);
      if (masked !== error) onUnexpected(originalOf(error));
      return masked;
    }
    const place = error instanceof GraphQLError ? error : null;
    // Without its original: yoga would take it for an unexpected error, and answer with status 500.
    return new GraphQLError(own.message, {
      nodes: place?.nodes,
      source: place?.source,
      positions: place?.positions,
      path: place?.path,
      extensions: { ...own.extensions },
    });
  };
}

/** What has made it an error of GraphQL; the error itself if nothing has. */
export function originalOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError
    ? originalOf(error.originalError)
    : error;
}

/** A GraphQLError of another copy of graphql, which yoga would take for an unexpected error. */
function findForeign(error: unknown): Pick<GraphQLError, 'message' | 'extensions'> | null {
  const original = originalOf(error);
  return isGraphQLError(original) && !(original instanceof GraphQLError) ? original : null;
}

/** The error of statewire in what a resolver, or a handler, has thrown. */
export function findStatewireError(error: unknown): StatewireError | null {
  const original = originalOf(error);
  return original instanceof StatewireError ? original : null;
}
