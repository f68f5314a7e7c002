import { randomBytes } from 'node:crypto';
import { GraphQLSchema } from 'graphql';
import { appExtensions } from '../../resolvers/app-of.ts';
import { definitionsExtension } from '../../schema/registry.ts';
import { Engine } from '../engine/engine.ts';
import {
  completeLimits,
  type EngineOptions,
  type ErrorSource,
  type Limits,
} from '../engine/engine-options.ts';
import type { Middleware } from '../engine/middleware.ts';
import { isGraphQLError } from '../errors/is-graphql-error.ts';
import type { Logger } from '../logging/logger.ts';
import { eventLabel } from '../state/event-label.ts';
import type { StateStore } from '../store/state-store.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { TokenIssuer } from '../tokens/token-issuer.ts';
import { App } from './app.ts';
import { consoleLogger } from './console-logger.ts';
import { createDescribeFailure } from './describe-failure.ts';
import { readEnvironment } from './environment.ts';

interface AppSettings<Context> {
  /** What `builder.toSchema()` returned. */
  readonly schema: GraphQLSchema;
  /** Where states are kept. */
  readonly store: StateStore;
  /**
   * In development clients may make up tokens, GraphiQL is on, other origins may
   * read answers, and errors are shown as they are. Default: whether `NODE_ENV`
   * is `development`.
   */
  readonly development?: boolean;
  /** What tokens are signed with, 16 characters or more, the same on all nodes. Default: random, so that tokens die with the process. */
  readonly tokenSecret?: string | undefined;
  /** Warnings and errors go to the console by default. */
  readonly logger?: Logger;
  readonly limits?: Partial<Limits>;
  /** Called once for each failure of a handler or a computed var, with the error as it was thrown. Default: logs it. */
  readonly onError?: (error: unknown, source: ErrorSource) => void;
  /** Runs around every event and every task, the first outermost. */
  readonly middleware?: readonly Middleware<Context>[];
  /** What a task keeps of its request, a JSON value: `self.context`. Default: null. */
  readonly taskContext?: (context: Context) => unknown;
}

/** The context of events that no request carries: those of tasks get the task's context, others null. May be left out if an empty object is one. */
type EventContextOption<Context> =
  Record<never, never> extends Context
    ? { readonly eventContext?: (taskContext: unknown) => Context }
    : { readonly eventContext: (taskContext: unknown) => Context };

export type AppOptions<Context> = AppSettings<Context> & EventContextOption<Context>;

/**
 * Brings a schema with states to life on a store. Serve it with `createServer`
 * or mount its handler elsewhere; close it when done.
 *
 * @throws TypeError if the schema was built without the statewire plugin.
 */
export function createApp<Context = unknown>(options: AppOptions<Context>): App<Context> {
  return assembleApp(options, systemClock).app;
}

/** The same on any clock, with the engine behind it. */
export function assembleApp<Context>(
  options: AppOptions<Context>,
  clock: Clock,
): { readonly app: App<Context>; readonly engine: Engine } {
  const { schema } = options;
  const definitions = schema.extensions[definitionsExtension] as EngineOptions['definitions'];
  if (!definitions) {
    throw new TypeError(
      'Expected a schema with states: new SchemaBuilder({ plugins: [statewire()] }) and builder.state(…).',
    );
  }
  assertDurable(definitions, options.store);
  assertSecret(options.tokenSecret);
  const environment = readEnvironment();
  const development = options.development ?? environment.development;
  const logger = options.logger ?? consoleLogger;
  if (options.tokenSecret === undefined && !development) {
    logger.warn({}, 'no tokenSecret: tokens are of no use after a restart, or on another node');
  }
  const engine = new Engine({
    definitions,
    store: options.store,
    limits: completeLimits(options.limits),
    logger,
    clock,
    middleware: options.middleware ?? [],
    onError: options.onError ?? logErrors(logger),
    describeFailure: createDescribeFailure(!development),
    taskContext: (options.taskContext ?? (() => null)) as (context: unknown) => unknown,
    eventContext: (options.eventContext as EngineOptions['eventContext']) ?? (() => ({})),
  });
  const tokens = new TokenIssuer({
    secret: options.tokenSecret ?? randomBytes(32),
    acceptClientMade: development,
  });
  const core = { engine, tokens };
  const app = new App<Context>(core, {
    // A clone shares the types but carries its own app, so one schema can serve several.
    schema: new GraphQLSchema({
      ...schema.toConfig(),
      extensions: appExtensions(schema, core),
      assumeValid: true,
    }),
    development,
    logger,
  });
  return { app, engine };
}

function logErrors(logger: Logger) {
  return (error: unknown, source: ErrorSource) => {
    const name = `${source.state}.${source.event ?? source.computed}`;
    const message = source.outcome
      ? `onExit of ${name}, which ended as ${source.outcome}, failed`
      : `${name} failed`;
    // Whoever throws a GraphQLError means it for the client.
    const level = isGraphQLError(error) ? 'info' : 'error';
    logger[level]({ err: error, ...source }, message);
  };
}

/** Tasks that are to survive their process need a store that does. */
function assertDurable(definitions: EngineOptions['definitions'], store: StateStore): void {
  if (store.durable) return;
  for (const { events } of definitions.values()) {
    for (const event of events.values()) {
      if (!event.policy.durable) continue;
      throw new TypeError(
        `Expected a store that keeps durable tasks, for ${eventLabel(event)}: lmdbStore, or redisStore with a queue. This one loses them with the process, or has nothing to run them.`,
      );
    }
  }
}

function assertSecret(secret: string | undefined): void {
  if (secret === undefined || secret.length >= 16) return;
  throw new TypeError(
    `Expected a tokenSecret of 16 characters or more, got ${secret.length}: anybody could forge tokens.`,
  );
}
