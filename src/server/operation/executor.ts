import { normalizedExecutor } from '@graphql-tools/executor';
import type { ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { DeltaEncoder } from '../../delta/delta-encoder.ts';
import { deltaVersion } from '../../delta/patch.ts';
import { mapAsyncIterator } from '../../stream/map-async-iterator.ts';
import { andThen, type MaybePromise } from '../../time/at-once.ts';
import type { CompiledOperation } from '../execution/compile-operation.ts';
import { CompiledOperations } from './compiled-operations.ts';
import { finishErrors, type Mask } from './finish-errors.ts';
import { type Forget, forgetCaches } from './forget-caches.ts';
import { Audiences } from './shared-results.ts';
import { createEvents } from './source-events.ts';

export type Results = AsyncIterableIterator<ExecutionResult>;

/** Says who may see the same: null if nobody else does. */
export type ShareKey = (context: unknown) => string | null;

export interface ExecutorOptions {
  readonly schema: GraphQLSchema;
  readonly mask: Mask;
  readonly shareKey: ShareKey;
  readonly forget: Forget;
}

/** What the transports put into the context of an operation. */
interface OperationContext {
  readonly params?: { readonly extensions?: unknown };
}

/** Executes operations that are parsed and validated, the same on every transport. */
export class Executor {
  readonly #mask: Mask;
  readonly #shareKey: ShareKey;
  readonly #forget: Forget;
  readonly #compiled: CompiledOperations;
  readonly #audiences: Audiences;

  constructor({ schema, mask, shareKey, forget }: ExecutorOptions) {
    this.#mask = mask;
    this.#shareKey = shareKey;
    this.#forget = forget;
    this.#compiled = new CompiledOperations(schema);
    this.#audiences = new Audiences(this.#finish);
  }

  /** A query or a mutation. At once, if its resolvers wait for nothing. */
  readonly execute = (args: ExecutionArgs): MaybePromise<ExecutionResult | Results> => {
    const compiled = this.#compiled.of(args.document, args.operationName);
    if (!compiled) return this.#executeUncompiled(args);
    const { rootValue, contextValue, variableValues } = args;
    const result = compiled.execute({ rootValue, contextValue, variableValues, previous: null });
    return result instanceof Promise
      ? result.then((later) => this.#finishIn(contextValue, later))
      : this.#finishIn(contextValue, result);
  };

  /** The results of a subscription, as differences if its client asked for those; or what is wrong with it. */
  readonly subscribe = async (args: ExecutionArgs): Promise<ExecutionResult | Results> => {
    const compiled = this.#compiled.of(args.document, args.operationName);
    forgetCaches(args.contextValue);
    const results = compiled
      ? await this.#subscribeCompiled(compiled, args)
      : await this.#subscribeUncompiled(args);
    if (!isIterator(results) || !asksForDelta(args.contextValue as OperationContext)) {
      return results;
    }
    const encoder = new DeltaEncoder();
    return mapAsyncIterator(results, (each) => encoder.encode(each) as ExecutionResult);
  };

  readonly #finish = (result: ExecutionResult): ExecutionResult => finishErrors(result, this.#mask);

  /** Nothing else is executed in the context. */
  #finishIn(contextValue: unknown, result: ExecutionResult): ExecutionResult {
    this.#forget(contextValue);
    return this.#finish(result);
  }

  #executeUncompiled(args: ExecutionArgs): MaybePromise<ExecutionResult | Results> {
    const executed = normalizedExecutor(args) as MaybePromise<ExecutionResult | Results>;
    return andThen(executed, (result) =>
      isIterator(result)
        ? mapAsyncIterator(result, this.#finish)
        : this.#finishIn(args.contextValue, result),
    );
  }

  async #subscribeUncompiled(args: ExecutionArgs): Promise<ExecutionResult | Results> {
    const results = await this.#executeUncompiled(args);
    return isIterator(results) ? mapAsyncIterator(results, this.#forgettingWith(args)) : results;
  }

  async #subscribeCompiled(
    compiled: CompiledOperation,
    args: ExecutionArgs,
  ): Promise<ExecutionResult | Results> {
    const key = this.#audienceKey(compiled, args);
    if (key instanceof Error) return { errors: [key as GraphQLError] };
    const events = await createEvents(args);
    if (!isIterator(events)) return this.#finish(events);
    const { contextValue, variableValues } = args;
    const { audience, leave } = this.#audiences.join(compiled, key);
    const result = (event: unknown) => audience.resultOf(event, contextValue, variableValues);
    const results = mapAsyncIterator(events, result, leave);
    return compiled.isPure ? results : mapAsyncIterator(results, this.#forgettingWith(args));
  }

  /** The same result, after which the next one is executed as if it were the first. */
  #forgettingWith({ contextValue }: ExecutionArgs): (result: ExecutionResult) => ExecutionResult {
    return (result) => {
      this.#forget(contextValue);
      forgetCaches(contextValue);
      return result;
    };
  }

  /** Null for who shares with nobody; an error, as clients see it, if that cannot be said. */
  #audienceKey({ isPure }: CompiledOperation, args: ExecutionArgs): string | null | Error {
    try {
      const key: unknown = isPure ? '' : this.#shareKey(args.contextValue);
      if (key === null) return null;
      if (typeof key === 'string') return JSON.stringify([key, args.variableValues]);
      throw new TypeError(`Expected shareKey to give a string or null, got ${typeof key}.`);
    } catch (error) {
      return this.#mask(error);
    }
  }
}

function isIterator<Item>(
  value: ExecutionResult | AsyncIterableIterator<Item>,
): value is AsyncIterableIterator<Item> {
  return Symbol.asyncIterator in value;
}

/** Another version gets plain results: it cannot read ours. */
function asksForDelta({ params }: OperationContext): boolean {
  const extensions = params?.extensions as { readonly delta?: unknown } | null | undefined;
  return extensions?.delta === deltaVersion;
}
