import type { GraphQLError, GraphQLSchema } from 'graphql';
import { createYoga, type YogaServerInstance, type YogaServerOptions } from 'graphql-yoga';
import type { MaybePromise } from '../time/at-once.ts';
import type { App } from './app.ts';
import { useBodyLimit } from './http/use-body-limit.ts';
import { useEventStreams } from './http/use-event-streams.ts';
import { usePlainOperations } from './http/use-plain-operations.ts';
import { createMaskError } from './mask-error.ts';
import { Documents } from './operation/documents.ts';
import { Executor, type ShareKey } from './operation/executor.ts';
import type { Mask } from './operation/finish-errors.ts';
import type { Forget } from './operation/forget-caches.ts';
import { useAbortedRequests } from './use-aborted-requests.ts';
import { useErrorCodes } from './use-error-codes.ts';
import { useExecutor } from './use-executor.ts';

/** Where a request came from, whatever its transport. */
export interface RequestInfo {
  /** The HTTP request, or the one that opened the WebSocket. */
  readonly request: Request;
  /** What the client sent when it opened the WebSocket; null over HTTP. */
  readonly connectionParams: Readonly<Record<string, unknown>> | null;
}

export type HandlerOptions<Context> = EndpointOptions &
  ContextOption<Context> &
  ResultOptions<Context>;

interface ResultOptions<Context> {
  /**
   * Drops what is remembered of a context: loaders in it, what a plugin caches for it. Called
   * after each result of the context's operation; one that throws fails it. Not called for
   * operations that no code of the user's takes part in. What plugins of Pothos remember is
   * forgotten without it too, see docs/reference.md. Default: nothing is called.
   */
  readonly forget?: (context: Context) => void;
  /**
   * Says who may see the same: subscribers with the same key, operation and variables get
   * one result, which is executed once, in the context of any of them. Null for who shares
   * with nobody. Not asked for operations that select nothing but vars without auth or
   * resolvers of their own: those are always shared. Default: null.
   */
  readonly shareKey?: (context: Context) => string | null;
}

/** Makes the context of each operation; may be left out if an empty object is one. */
type ContextOption<Context> =
  Record<never, never> extends Context
    ? { readonly context?: (info: RequestInfo) => Context | Promise<Context> }
    : { readonly context: (info: RequestInfo) => Context | Promise<Context> };

/** An options argument that may be left out if every option may. */
export type OptionsArgument<Options> =
  Record<never, never> extends Options ? [options?: Options] : [options: Options];

interface EndpointOptions {
  /** The path of the GraphQL endpoint, for HTTP and WebSocket. Default: `/graphql`. */
  readonly path?: string;
  /** GraphiQL at the endpoint: false for none, a function to render the page from other sources than its CDN. Default: on in development. */
  readonly graphiql?: boolean | RenderGraphiQL;
}

/** Makes the page's HTML: what `renderGraphiQL` of `@graphql-yoga/render-graphiql` does. */
export type RenderGraphiQL = (options: object) => string;

/** What clients send of an operation beside what it is made of. */
interface ContextParams {
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * The one way of an operation, over HTTP and WebSocket alike: parse, validate,
 * context, execute, mask.
 */
export interface Pipeline extends Pick<Executor, 'execute' | 'subscribe'> {
  /** The same for HTTP, with the rules that hold there. */
  readonly yoga: YogaServerInstance<object, object>;
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  /** What resolvers get: the user's context, and what the transport tells. */
  createContext(params: ContextParams, info: RequestInfo): MaybePromise<object>;
  readonly mask: Mask;
}

export function createPipeline<Context>(
  app: App<Context>,
  options: HandlerOptions<Context>,
): Pipeline {
  const context = options.context as ((info: RequestInfo) => unknown) | undefined;
  const maskError = createMaskError(app.development, (error) => app.logUnexpected(error));
  const { schema } = app;
  const shareKey = (options.shareKey ?? (() => null)) as ShareKey;
  const mask: Mask = (error) => maskError(error, 'Unexpected error.');
  const forget = (options.forget ?? (() => {})) as Forget;
  const executor = new Executor({ schema, mask, shareKey, forget });
  const userContext = (request: Request) =>
    context?.({ request, connectionParams: null }) as MaybePromise<object | undefined>;
  const yoga = createHttpPipeline(app, options, {
    maskError,
    context: async ({ request }) => (await userContext(request)) ?? {},
    plugins: [
      usePlainOperations({ schema, mask, userContext, execute: executor.execute }),
      useBodyLimit(),
      useErrorCodes(),
      useExecutor(executor),
      useAbortedRequests(),
      useEventStreams(),
    ],
  });
  const { parse, validate } = yoga.getEnveloped();
  return {
    ...{ yoga, schema, mask, execute: executor.execute, subscribe: executor.subscribe },
    documents: new Documents({
      parse: (text) => parse(text),
      validate: (document) => validate(schema, document) as readonly GraphQLError[],
    }),
    createContext(params, connection) {
      const made = context?.(connection) as MaybePromise<object | undefined>;
      return made instanceof Promise
        ? made.then((later) => withTransport(later, params, connection))
        : withTransport(made, params, connection);
    },
  };
}

/** The spread comes last: properties after one, or a second one, cost V8 more than a microsecond. */
function withTransport(
  made: object | undefined,
  params: ContextParams,
  connection: RequestInfo,
): object {
  return { params, connection, ...made };
}

type HttpParts = Pick<YogaServerOptions<object, object>, 'context' | 'plugins'> & {
  readonly maskError: ReturnType<typeof createMaskError>;
};

function createHttpPipeline<Context>(
  { schema, development, logger }: App<Context>,
  { path = '/graphql', graphiql = development }: EndpointOptions,
  { maskError, context, plugins }: HttpParts,
): Pipeline['yoga'] {
  return createYoga<object, object>({
    ...{ schema, context, plugins, maskedErrors: { maskError } },
    graphqlEndpoint: path,
    landingPage: false,
    maxRequestBodySize: false,
    graphiql: graphiql === false ? false : { title: 'statewire', subscriptionsProtocol: 'WS' },
    ...(typeof graphiql === 'function' ? { renderGraphiQL: graphiql } : {}),
    cors: development ? {} : false,
    logging: {
      debug: (...args: unknown[]) => logger.debug({ args }, 'graphql'),
      info: (...args: unknown[]) => logger.info({ args }, 'graphql'),
      warn: (...args: unknown[]) => logger.warn({ args }, 'graphql'),
      // What it masks is logged where it is masked.
      error: (...args: unknown[]) => logger.debug({ args }, 'graphql'),
    },
  });
}
