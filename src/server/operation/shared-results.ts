import type { ExecutionResult } from 'graphql';
import type { MaybePromise } from '../../time/at-once.ts';
import type { CompiledOperation, OperationArgs } from '../execution/compile-operation.ts';

type SubscriptionArgs = Pick<OperationArgs, 'contextValue' | 'variableValues'>;

/** Subscribers whose results are the same: of one operation with the same variables, who may see the same. */
export class Audience {
  readonly #operation: CompiledOperation;
  /** The latest event, and what it has led to: all get an event one after the other. */
  #event: unknown;
  #result: MaybePromise<ExecutionResult> | null = null;
  #previous: ExecutionResult | null = null;
  /** How many there are. */
  size = 0;

  constructor(operation: CompiledOperation) {
    this.#operation = operation;
  }

  /** The result of an event: executed once, however many ask for it in a row. */
  resultOf(event: unknown, args: SubscriptionArgs): MaybePromise<ExecutionResult> {
    if (this.#result && this.#event === event) return this.#result;
    const previous = this.#previous;
    const result = this.#operation.execute({ rootValue: event, ...args, previous });
    this.#event = event;
    this.#result = result;
    // One that comes later is of no use to the next.
    this.#previous = this.#operation.reuses && !(result instanceof Promise) ? result : null;
    return result;
  }
}

/** Who shares results with whom. */
export class Audiences {
  readonly #known = new Map<CompiledOperation, Map<string, Audience>>();

  /** Those with this key; one of its own for null. */
  join(operation: CompiledOperation, key: string | null): { audience: Audience; leave(): void } {
    if (key === null) return { audience: new Audience(operation), leave() {} };
    const byKey = this.#known.get(operation) ?? new Map<string, Audience>();
    this.#known.set(operation, byKey);
    const audience = byKey.get(key) ?? new Audience(operation);
    byKey.set(key, audience);
    audience.size += 1;
    return { audience, leave: () => this.#leave(operation, key) };
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
