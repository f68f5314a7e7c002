import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql';
import { createLRUCache, type Plugin, processRegularResult } from 'graphql-yoga';
import type { MaybePromise } from '../../time/at-once.ts';
import type { Executor } from '../operation/executor.ts';
import type { Mask } from '../operation/finish-errors.ts';
import { jsonTypeOf } from './json-type.ts';
import type { NodeContext } from './node-context.ts';
import { type PlainParams, plainParams } from './plain-params.ts';
import { isWithinLimit } from './use-body-limit.ts';

/** What an operation is executed with, as on every transport. */
interface OperationParts {
  readonly schema: GraphQLSchema;
  readonly execute: Executor['execute'];
  readonly mask: Mask;
  /** What the user adds to the context. */
  readonly userContext: (request: Request) => MaybePromise<object | undefined>;
}

interface PlainOperation {
  readonly document: DocumentNode;
  readonly params: PlainParams;
}

/** May have several results. */
const incremental = /@(defer|stream)\b/;

/** Where yoga has what the client sent, if it is a request of HTTP. */
interface ParamsContext {
  readonly params?: { readonly query?: string };
}

/**
 * Answers queries and mutations that come as JSON, with nothing wrong about them and a document
 * that yoga has parsed and found valid before. The hooks of yoga and envelop around each
 * operation cost more than the operation, and have nothing to do for such a one. All else
 * goes their way, with the body that was read.
 */
export function usePlainOperations(parts: OperationParts): Plugin<object, NodeContext> {
  const { schema, execute, mask, userContext } = parts;
  const documents = createLRUCache<DocumentNode>();

  const plainOperation = (body: string): PlainOperation | null => {
    const params = plainParams(body);
    const document = params && documents.get(params.query);
    if (!document) return null;
    const kind = getOperationAST(document, params.operationName)?.operation;
    return kind === 'query' || kind === 'mutation' ? { document, params } : null;
  };

  const failed = (error: unknown): ExecutionResult => ({ errors: [mask(error) as GraphQLError] });

  const resultOf = async (
    { document, params }: PlainOperation,
    request: Request,
    context: object,
  ): Promise<ExecutionResult> => {
    try {
      const contextValue = Object.assign(context, { request, params });
      Object.assign(contextValue, await userContext(request));
      const { variables: variableValues, operationName } = params;
      const args = { schema, document, contextValue, variableValues, operationName };
      return (await execute(args)) as ExecutionResult;
    } catch (error) {
      return failed(error);
    }
  };

  return {
    onValidate({ params, context }) {
      const { query } = (context as ParamsContext).params ?? {};
      if (!query || incremental.test(query)) return undefined;
      return ({ valid }) => {
        if (valid) documents.set(query, params.documentAST);
      };
    },
    onRequest({ request, serverContext, requestHandler, setRequestHandler, fetchAPI }) {
      if (request.method !== 'POST' || !isJson(request)) return;
      if (!isWithinLimit(request, serverContext)) return;
      const type = jsonTypeOf(request.headers.get('accept') || '*/*');
      if (!type) return;
      setRequestHandler(async (request, context) => {
        // It fails if the client leaves in the middle of it: nobody is there to be answered then.
        const body = await request.text().catch(() => '');
        const operation = plainOperation(body);
        if (operation) {
          const result = await resultOf(operation, request, context);
          try {
            return processRegularResult(result, fetchAPI, type);
          } catch (error) {
            // It cannot be written as JSON.
            return processRegularResult(failed(error), fetchAPI, type);
          }
        }
        const { url, method, headers, signal } = request;
        return requestHandler(
          new fetchAPI.Request(url, { method, headers, signal, body }),
          context,
        );
      });
    },
  };
}

function isJson(request: Request): boolean {
  const type = request.headers.get('content-type');
  return type === 'application/json' || !!type?.startsWith('application/json;');
}
