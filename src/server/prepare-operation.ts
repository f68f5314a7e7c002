import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
} from 'graphql';
import { andThen, type MaybePromise, orElse } from '../time/at-once.ts';
import type { Pipeline, RequestInfo } from './graphql-pipeline.ts';

/** An operation as a client sends it, whatever its transport. */
export interface OperationParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation that is ready to run, with the functions of its pipeline that run it. */
export type PreparedOperation = ExecutionArgs & Pick<Pipeline, 'execute' | 'subscribe'>;

/**
 * Parses and validates an operation and makes its context. Its errors are
 * returned, not thrown: one operation must not end the others of a connection.
 */
export function prepareOperation(
  pipeline: Pipeline,
  params: OperationParams,
  connection: RequestInfo,
): MaybePromise<PreparedOperation | readonly GraphQLError[]> {
  const { documents, schema, execute, subscribe } = pipeline;
  const document = documents.read(params.query);
  if ('length' in document) return document;
  const { operationName, variables: variableValues } = params;
  if (!getOperationAST(document, operationName)) return [badOperationName(operationName)];
  // One literal with all that it will have: a subscription keeps it as long as it runs.
  const ready = (contextValue: object): PreparedOperation => ({
    schema,
    document,
    rootValue: undefined,
    contextValue,
    variableValues,
    operationName,
    execute,
    subscribe,
  });
  return orElse<PreparedOperation | readonly GraphQLError[]>(
    () => andThen(pipeline.createContext(params, connection), ready),
    (error) => [pipeline.mask(error) as GraphQLError],
  );
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
