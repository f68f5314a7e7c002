import type { ExecutionResult } from 'graphql';
import type { MaybePromise } from '../../time/at-once.ts';
import { RecentMap } from '../../tokens/recent-map.ts';
import type { CompiledOperation, OperationArgs } from '../execution/compile-operation.ts';

/** Subscribers of one audience may be at different events. */
const kept = 16;

/** Subscribers whose results are the same: of one operation with the same variables, who may see the same. */
export class Audience {
  readonly #operation: CompiledOperation;
  readonly #finish: Finish;
  /** Of the latest events. Not kept for one alone, who does not ask twice. */
  #results: RecentMap<unknown, MaybePromise<ExecutionResult>> | null = null;
  #previous: ExecutionResult | null = null;
  /** How many share the results. */
  size = 0;

  constructor(operation: CompiledOperation, finish: Finish) {
    this.#operation = operation;
    this.#finish = finish;
  }

  /** The result of an event: executed once, however many ask for it. */
  resultOf(
    event: unknown,
    contextValue: unknown,
    variableValues: OperationArgs['variableValues'],
  ): MaybePromise<ExecutionResult> {
    const known = this.#results?.get(event);
    if (known) return known;
    const previous = this.#previous;
    const args = { rootValue: event, contextValue, variableValues, previous };
    const executed = this.#operation.execute(args);
    const isLater = executed instanceof Promise;
    // One that comes later is of no use to the next.
    this.#previous = this.#operation.reuses && !isLater ? executed : null;
    const result = isLater ? executed.then(this.#finish) : this.#finish(executed);
    if (this.size > 1) {
      this.#results ??= new RecentMap(kept);
      this.#results.set(event, result);
    }
    return result;
  }
}

/** Makes a result what clients get. */
type Finish = (result: ExecutionResult) => ExecutionResult;

function nothing(): void {}

/** Who shares results with whom. */
export class Audiences {
  readonly #finish: Finish;
  readonly #known = new Map<CompiledOperation, Map<string, Audience>>();
  /** For all who share nothing, if nothing is kept for the next result either. */
  readonly #unshared = new WeakMap<CompiledOperation, Audience>();

  constructor(finish: Finish) {
    this.#finish = finish;
  }

  /** Those with this key; nobody else for null. */
  join(operation: CompiledOperation, key: string | null): { audience: Audience; leave(): void } {
    if (key === null) return { audience: this.#alone(operation), leave: nothing };
    const byKey = this.#known.get(operation) ?? new Map<string, Audience>();
    this.#known.set(operation, byKey);
    const audience = byKey.get(key) ?? new Audience(operation, this.#finish);
    byKey.set(key, audience);
    audience.size += 1;
    return { audience, leave: () => this.#leave(operation, key) };
  }

  #alone(operation: CompiledOperation): Audience {
    if (operation.reuses) return new Audience(operation, this.#finish);
    const audience = this.#unshared.get(operation) ?? new Audience(operation, this.#finish);
    this.#unshared.set(operation, audience);
    return audience;
  }

  #leave(operation: CompiledOperation, key: string): void {
    const byKey = this.#known.get(operation);
    const audience = byKey?.get(key);
    if (!byKey || !audience) return;
    audience.size -= 1;
    if (audience.size === 0) byKey.delete(key);
    if (byKey.size === 0) this.#known.delete(operation);
  }
}
