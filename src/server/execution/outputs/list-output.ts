import { GraphQLError } from 'graphql';
import { isThenable } from '../../../time/at-once.ts';
import { isObject } from '../../../values/plain.ts';
import type { FieldCall, Output, Place } from '../plan.ts';
import { type PureOutput, unlessAbandoned } from '../pure/pure-output.ts';
import { isTrustedSource } from '../trusted-source.ts';

/** A list of anything. One that is part of a snapshot is made the pure way, if it can be. */
export class ListOutput implements Output {
  readonly isNonNull = false;
  readonly #item: Output;
  readonly #pure: PureOutput | null;

  constructor(item: Output, pure: PureOutput | null) {
    this.#item = item;
    this.#pure = pure;
  }

  complete(call: FieldCall, value: unknown, place: Place): unknown {
    if (value instanceof Error) throw value;
    if (value === null || value === undefined) return null;
    const pure = this.#pure;
    if (pure && isTrustedSource(value)) {
      const completed = unlessAbandoned(() => pure.enter(value, place.before));
      if (completed !== undefined) return completed;
    }
    if (!isIterable(value)) {
      const { parentType, fieldName } = call.info;
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${parentType.name}.${fieldName}".`,
      );
    }
    return this.#completeItems(call, value, place);
  }

  #completeItems(call: FieldCall, items: Iterable<unknown>, { path, before }: Place): unknown {
    const promises: Promise<unknown>[] = [];
    const complete = (item: unknown, index: number) => {
      const completed = this.#completeItem(call, item, {
        path: { prev: path, key: index, typename: undefined },
        before: Array.isArray(before) ? before[index] : undefined,
      });
      if (isThenable(completed)) promises.push(completed);
      return completed;
    };
    try {
      const results = Array.from(items, complete);
      return promises.length > 0 ? Promise.all(results) : results;
    } catch (error) {
      // Nobody will wait for these; graphql-js would let their rejections end the process.
      for (const promise of promises) promise.then(undefined, () => {});
      throw error;
    }
  }

  #completeItem(
    call: FieldCall,
    item: unknown,
    place: Place & { readonly path: { readonly key: number } },
  ): unknown {
    const output = this.#item;
    const at = { path: place.path as never, isNonNull: output.isNonNull };
    const fail = (error: unknown) => call.execution.fail(error, call.field, at);
    try {
      const completed = isThenable(item)
        ? item.then((resolved) => output.complete(call, resolved, place))
        : output.complete(call, item, place);
      return isThenable(completed) ? completed.then(undefined, fail) : completed;
    } catch (error) {
      return fail(error);
    }
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function';
}
