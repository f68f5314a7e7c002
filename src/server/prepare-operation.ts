import {
  type ExecutionArgs,
  GraphQLError,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import type { MaybePromise } from '../time/at-once.ts';
import type { Pipeline, RequestInfo } from './graphql-pipeline.ts';

/** An operation as a client sends it, whatever its transport. */
export interface OperationParams {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An operation that is ready to run: what its pipeline's `execute` or `subscribe` gets. */
export interface PreparedOperation extends ExecutionArgs {
  readonly kind: OperationDefinitionNode['operation'];
}

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
  const kind = getOperationAST(document, operationName)?.operation;
  if (!kind) return [badOperationName(operationName)];
  const parts = { schema: pipeline.schema, document, kind };
  try {
    const context = pipeline.createContext(params, connection);
    if (!(context instanceof Promise)) return readyOperation(parts, params, context);
    return context
      .then((made) => readyOperation(parts, params, made))
      .catch((error) => refusal(pipeline, error));
  } catch (error) {
    return refusal(pipeline, error);
  }
}

function refusal({ mask }: Pipeline, error: unknown): readonly GraphQLError[] {
  return [mask(error) as GraphQLError];
}

/** One literal with all that it will have: a subscription keeps it as long as it runs. */
function readyOperation(
  { schema, document, kind }: Pick<PreparedOperation, 'schema' | 'document' | 'kind'>,
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
    kind,
  };
}

function badOperationName(name: string | null | undefined): GraphQLError {
  const what = name ? `no operation named "${name}"` : 'several operations and no operationName';
  return new GraphQLError(`Expected one operation to run, got ${what}.`, {
    extensions: { code: 'BAD_USER_INPUT', retryable: false },
  });
}
