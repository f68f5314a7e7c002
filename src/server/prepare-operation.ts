import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
} from 'graphql';
import type { Pipeline, RequestInfo } from './graphql-pipeline.ts';

/** An operation as a client sends it, whatever its transport. */
export interface OperationParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation that is ready to run, with the functions of its pipeline that run it. */
export type PreparedOperation = ExecutionArgs &
  Pick<ReturnType<Pipeline['getEnveloped']>, 'execute' | 'subscribe'>;

/**
 * Parses and validates an operation and makes its context. Its errors are
 * returned, not thrown: one operation must not end the others of a connection.
 */
export async function prepareOperation(
  pipeline: Pipeline,
  params: OperationParams,
  connection: RequestInfo,
): Promise<PreparedOperation | readonly GraphQLError[]> {
  const enveloped = pipeline.getEnveloped({ connection, params } as never);
  const { schema, parse, validate, contextFactory, execute, subscribe } = enveloped;
  try {
    const document = parse(params.query);
    const errors = validate(schema, document) as readonly GraphQLError[];
    if (errors.length > 0) return errors;
    if (!getOperationAST(document, params.operationName)) {
      return [badOperationName(params.operationName)];
    }
    return {
      schema,
      document,
      operationName: params.operationName,
      variableValues: params.variables,
      contextValue: await contextFactory(),
      execute,
      subscribe,
    };
  } catch (error) {
    return [error instanceof GraphQLError ? error : new GraphQLError('Unexpected error.')];
  }
}

function badOperationName(name: string | null | undefined): GraphQLError {
  const what = name ? `no operation named "${name}"` : 'several operations and no operationName';
  return new GraphQLError(`Expected one operation to run, got ${what}.`, {
    extensions: { code: 'BAD_USER_INPUT', retryable: false },
  });
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
