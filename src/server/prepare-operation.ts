import { type DocumentNode, type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql';
import type { MaybePromise } from '../time/at-once.ts';
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
  const document = pipeline.documents.read(params.query);
  if ('length' in document) return document;
  const { operationName } = params;
  if (!getOperationAST(document, operationName)) return [badOperationName(operationName)];
  const refused = (error: unknown) => [pipeline.mask(error) as GraphQLError];
  try {
    const context = pipeline.createContext(params, connection);
    return context instanceof Promise
      ? context.then((made) => readyOperation(pipeline, document, params, made)).catch(refused)
      : readyOperation(pipeline, document, params, context);
  } catch (error) {
    return refused(error);
  }
}

/** One literal with all that it will have: a subscription keeps it as long as it runs. */
function readyOperation(
  { schema, execute, subscribe }: Pipeline,
  document: DocumentNode,
  { variables, operationName }: OperationParams,
  contextValue: object,
): PreparedOperation {
  return {
    schema,
    document,
    rootValue: undefined,
    contextValue,
    variableValues: variables,
    operationName,
    execute,
    subscribe,
  };
}

function badOperationName(name: string | null | undefined): GraphQLError {
  const what = name ? `no operation named "${name}"` : 'several operations and no operationName';
  return new GraphQLError(`Expected one operation to run, got ${what}.`, {
    extensions: { code: 'BAD_USER_INPUT', retryable: false },
  });
}
