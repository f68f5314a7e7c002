interface GraphQLErrorLike extends Error {
  readonly extensions: Readonly<Record<string, unknown>>;
}

/**
 * Whether it is a GraphQLError, of whatever copy of graphql: a bundler or a test
 * runner may load the package a second time, and `instanceof` then says no. Who
 * throws one means it for the client.
 */
export function isGraphQLError(error: unknown): error is GraphQLErrorLike {
  return (
    error instanceof Error &&
    'extensions' in error &&
    'locations' in error &&
    'originalError' in error
  );
}
