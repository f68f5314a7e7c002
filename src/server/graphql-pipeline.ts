import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { App } from './app.ts';
import { createMaskError } from './mask-error.ts';
import { useAbortedRequests } from './use-aborted-requests.ts';
import { useErrorCodes } from './use-error-codes.ts';
import { useWireDelta } from './use-wire-delta.ts';

/** Where a request came from, whatever its transport. */
export interface RequestInfo {
  /** The HTTP request, or the one that opened the WebSocket. */
  readonly request: Request;
  /** What the client sent when it opened the WebSocket; null over HTTP. */
  readonly connectionParams: Readonly<Record<string, unknown>> | null;
}

export type HandlerOptions<Context> = EndpointOptions & ContextOption<Context>;

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

/** What the WebSocket transport gives in place of yoga's `request`, which would make yoga apply the rules of HTTP GET. */
interface TransportContext {
  readonly connection?: RequestInfo;
}

export type Pipeline = YogaServerInstance<TransportContext, object>;

/**
 * The one way of an operation, over HTTP and WebSocket alike: parse, validate,
 * context, execute, mask.
 */
export function createPipeline<Context>(
  app: App<Context>,
  options: HandlerOptions<Context>,
): Pipeline {
  const { path = '/graphql', graphiql = app.development } = options;
  const context = options.context as ((info: RequestInfo) => unknown) | undefined;
  const { logger } = app;
  return createYoga<TransportContext, object>({
    schema: app.schema,
    graphqlEndpoint: path,
    landingPage: false,
    graphiql: graphiql === false ? false : { title: 'statewire', subscriptionsProtocol: 'WS' },
    ...(typeof graphiql === 'function' ? { renderGraphiQL: graphiql } : {}),
    context: async ({ request, connection }) =>
      ((await context?.(connection ?? { request, connectionParams: null })) ?? {}) as object,
    cors: app.development ? {} : false,
    maskedErrors: {
      maskError: createMaskError(app.development, (error) => app.logUnexpected(error)),
    },
    logging: {
      debug: (...args: unknown[]) => logger.debug({ args }, 'graphql'),
      info: (...args: unknown[]) => logger.info({ args }, 'graphql'),
      warn: (...args: unknown[]) => logger.warn({ args }, 'graphql'),
      // What it masks is logged where it is masked.
      error: (...args: unknown[]) => logger.debug({ args }, 'graphql'),
    },
    plugins: [useErrorCodes(), useAbortedRequests(), useWireDelta()],
  });
}
