import { isEqual } from '../values/diff/diff.ts';
import { settle } from '../values/settle.ts';
import type { StateDefinition } from './definitions.ts';
import type { ComputedResult, StateSnapshot } from './snapshot.ts';

type Values = Readonly<Record<string, unknown>>;
type Results = Readonly<Record<string, ComputedResult>>;

export interface ComputedOptions {
  /** How long an async one may take, in ms. */
  readonly timeoutMs: number;
  /** Called with what a failing one threw. */
  readonly onFailure: (error: unknown, name: string) => void;
}

/**
 * The computed vars of a state for new values. One whose inputs are the same
 * as in `previous` keeps its result and is not evaluated. One that throws, or
 * takes longer than its time, has a failed result: it stops nobody else.
 */
export async function evaluateComputed(
  definition: StateDefinition,
  values: Values,
  previous: StateSnapshot | null,
  options: ComputedOptions,
): Promise<Results> {
  if (definition.computed.size === 0) return previous?.computed ?? noResults;
  const evaluation = new Evaluation(definition, values, previous, options);
  for (const name of definition.computed.keys()) await evaluation.settled(name);
  return evaluation.results();
}

/**
 * One computed var for values that are not committed. An async one cannot be
 * waited for here, and is as in `previous`.
 */
export function peekComputed(
  definition: StateDefinition,
  name: string,
  { values, previous }: { readonly values: Values; readonly previous: StateSnapshot },
): ComputedResult | undefined {
  // Only looked at: the commit evaluates it again, and tells of failures.
  const evaluation = new Evaluation(definition, values, previous, {
    timeoutMs: 0,
    onFailure: () => {},
  });
  return evaluation.peek(name) ?? previous.computed[name];
}

const noResults: Results = Object.freeze({});

/** Thrown through a computed var that reads one which is not done. */
class NotYet extends Error {
  readonly pending: Promise<void>;

  constructor(pending: Promise<void>) {
    super('Expected a computed var that is done.');
    this.pending = pending;
  }
}

class Evaluation {
  readonly #definition: StateDefinition;
  readonly #values: Values;
  readonly #previous: StateSnapshot | null;
  readonly #options: ComputedOptions;
  readonly #done = new Map<string, ComputedResult>();
  readonly #running = new Set<string>();
  readonly #pending = new Map<string, Promise<void>>();

  constructor(
    definition: StateDefinition,
    values: Values,
    previous: StateSnapshot | null,
    options: ComputedOptions,
  ) {
    this.#definition = definition;
    this.#values = values;
    this.#previous = previous;
    this.#options = options;
  }

  results(): Results {
    return Object.freeze(Object.fromEntries(this.#done));
  }

  peek(name: string): ComputedResult | undefined {
    this.#evaluate(name);
    return this.#done.get(name);
  }

  async settled(name: string): Promise<void> {
    const pending = this.#evaluate(name);
    if (pending) await pending;
  }

  /** Returns a promise only if the var is async and not done. */
  #evaluate(name: string): Promise<void> | null {
    if (this.#done.has(name)) return null;
    const pending = this.#pending.get(name);
    if (pending) return pending;
    const before = this.#previous?.computed[name];
    if (this.#running.has(name)) {
      throw new TypeError(`Expected no cycle, got computed var "${name}" that reads itself.`);
    }
    this.#running.add(name);
    const reads = new Set<string>();
    const finish = (value: unknown, failed: boolean) => {
      this.#running.delete(name);
      this.#done.set(name, this.#result(name, value, failed, [...reads].sort()));
    };
    const fail = (error: unknown) => {
      this.#options.onFailure(error, name);
      finish(null, true);
    };
    try {
      if (before && this.#isCurrent(before)) {
        this.#running.delete(name);
        this.#done.set(name, before);
        return null;
      }
      const value = this.#definition.computed.get(name)?.resolve(this.#source(reads) as never);
      if (!(value instanceof Promise)) {
        finish(value, false);
        return null;
      }
      return this.#await(
        name,
        within(value, this.#options.timeoutMs).then((result) => finish(result, false), fail),
      );
    } catch (error) {
      if (!(error instanceof NotYet)) {
        fail(error);
        return null;
      }
      // It read one that is async: again when that one is done.
      this.#running.delete(name);
      return this.#await(
        name,
        error.pending.then(() => {
          this.#pending.delete(name);
          return this.#evaluate(name) ?? undefined;
        }),
      );
    }
  }

  async #await(name: string, work: Promise<void>): Promise<void> {
    this.#pending.set(name, work);
    await work;
  }

  #result(name: string, value: unknown, failed: boolean, reads: string[]): ComputedResult {
    const before = this.#previous?.computed[name];
    try {
      const settled = settle(value ?? null, [this.#definition.name, name]);
      const kept = before && isEqual(before.value, settled) ? before.value : settled;
      return Object.freeze({ value: kept, failed, reads: Object.freeze(reads) });
    } catch (error) {
      this.#options.onFailure(error, name);
      return Object.freeze({ value: null, failed: true, reads: Object.freeze(reads) });
    }
  }

  /** Whether everything that the earlier evaluation read is as it was. */
  #isCurrent(before: ComputedResult): boolean {
    return before.reads.every((field) => {
      if (!this.#definition.computed.has(field)) {
        return Object.is(this.#previous?.values[field], this.#values[field]);
      }
      const pending = this.#evaluate(field);
      if (pending) throw new NotYet(pending);
      return Object.is(this.#previous?.computed[field], this.#done.get(field));
    });
  }

  /** The view that a computed var gets: it notes which fields are read. */
  #source(reads: Set<string>): object {
    return new Proxy(Object.create(null) as Record<string, unknown>, {
      get: (_target, key) => {
        if (typeof key === 'symbol') return undefined;
        reads.add(key);
        if (!this.#definition.computed.has(key)) return this.#values[key];
        const pending = this.#evaluate(key);
        if (pending) throw new NotYet(pending);
        const result = this.#done.get(key);
        if (!result || result.failed) {
          throw new TypeError(`Expected a value of computed var "${key}", which has failed.`);
        }
        return result.value;
      },
      has: (_target, key) => key in this.#values,
      ownKeys: () => Object.keys(this.#values),
      getOwnPropertyDescriptor: (_target, key) => {
        reads.add(String(key));
        return Object.getOwnPropertyDescriptor({ ...this.#values }, key);
      },
      set: (_target, key) => {
        throw new TypeError(
          `Expected a computed var to read only, got a write to "${String(key)}".`,
        );
      },
    });
  }
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The computed var took more than ${timeoutMs} ms.`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
