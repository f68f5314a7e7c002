import { GraphQLError, type GraphQLResolveInfo, type ResponsePath } from 'graphql';
import { isThenable } from '../../../time/at-once.ts';
import { isObject } from '../../../values/plain.ts';
import type { FieldExecution, Output, SelectedField } from '../plan.ts';
import { enterUnlessAbandoned, type PureOutput } from '../pure/pure-output.ts';
import { isTrustedSource } from '../trusted-source.ts';

/** A list of anything. One that is part of a snapshot is made the pure way, if it can be. */
export class ListOutput implements Output {
  readonly isNonNull = false;
  readonly needsInfo: boolean;
  readonly #item: Output;
  readonly #pure: PureOutput | null;
  readonly #field: SelectedField;

  constructor(item: Output, pure: PureOutput | null, field: SelectedField) {
    this.needsInfo = item.needsInfo;
    this.#item = item;
    this.#pure = pure;
    this.#field = field;
  }

  complete(
    value: unknown,
    execution: FieldExecution,
    info: GraphQLResolveInfo | null,
    path: ResponsePath,
    before: unknown,
  ): unknown {
    if (value === null || value === undefined) return null;
    if (value instanceof Error) throw value;
    const pure = this.#pure;
    if (pure && isTrustedSource(value)) {
      const completed = enterUnlessAbandoned(pure, value, before);
      if (completed !== undefined) return completed;
    }
    if (!isIterable(value)) {
      const { parentType, definition } = this.#field;
      throw new GraphQLError(
        `Expected Iterable, but did not find one for field "${parentType.name}.${definition.name}".`,
      );
    }
    const promises: Promise<unknown>[] = [];
    const complete = (item: unknown, index: number) => {
      const at = { prev: path, key: index, typename: undefined };
      const itemBefore = Array.isArray(before) ? before[index] : undefined;
      const completed = this.#completeItem(item, execution, info, at, itemBefore);
      if (isThenable(completed)) promises.push(completed);
      return completed;
    };
    try {
      const results = Array.from(value, complete);
      return promises.length > 0 ? Promise.all(results) : results;
    } catch (error) {
      // Nobody will wait for these; graphql-js would let their rejections end the process.
      for (const promise of promises) promise.then(undefined, () => {});
      throw error;
    }
  }

  #completeItem(
    item: unknown,
    execution: FieldExecution,
    info: GraphQLResolveInfo | null,
    path: ResponsePath,
    before: unknown,
  ): unknown {
    const output = this.#item;
    const fail = (error: unknown) => execution.fail(error, this.#field, path, output.isNonNull);
    try {
      const completed = isThenable(item)
        ? item.then((resolved) => output.complete(resolved, execution, info, path, before))
        : output.complete(item, execution, info, path, before);
      return isThenable(completed) ? completed.then(undefined, fail) : completed;
    } catch (error) {
      return fail(error);
    }
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function';
}
