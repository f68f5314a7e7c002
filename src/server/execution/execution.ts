import {
  defaultFieldResolver,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLResolveInfo,
  locatedError,
  type ResponsePath,
} from 'graphql';
import { isThenable } from '../../time/at-once.ts';
import { isObject } from '../../values/plain.ts';
import { CollectedErrors } from './collected-errors.ts';
import type { OperationParts } from './operation-parts.ts';
import type { FieldExecution, FieldPlan, SelectedField, SelectionPlan, Variables } from './plan.ts';

type Result = Record<string, unknown>;
type Path = ResponsePath | undefined;

export interface ExecutionScope {
  readonly parts: OperationParts;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly variableValues: Variables;
}

/**
 * One execution of an operation, step by step as graphql-js 16 does it: with the same
 * calls in the same order, and promises only where resolvers gave some.
 */
export class Execution implements FieldExecution {
  readonly contextValue: unknown;
  readonly #parts: OperationParts;
  readonly #rootValue: unknown;
  readonly #variableValues: Variables;
  /** Null as long as there are none. */
  #errors: CollectedErrors | null = null;

  constructor({ parts, rootValue, contextValue, variableValues }: ExecutionScope) {
    this.contextValue = contextValue;
    this.#parts = parts;
    this.#rootValue = rootValue;
    this.#variableValues = variableValues;
  }

  run(selection: SelectionPlan, before: unknown): ExecutionResult | Promise<ExecutionResult> {
    const rootValue = this.#rootValue;
    try {
      const data =
        this.#parts.operation.operation === 'mutation'
          ? this.#executeSerially(selection, rootValue, before)
          : this.executeFields(selection, rootValue, undefined, before);
      if (!isThenable(data)) return this.#response(data);
      return data.then(
        (resolved) => this.#response(resolved),
        (error: GraphQLError) => this.#failed(error),
      );
    } catch (error) {
      return this.#failed(error as GraphQLError);
    }
  }

  executeFields(selection: SelectionPlan, source: unknown, path: Path, before: unknown): unknown {
    const { fields } = selection;
    const result = selection.createResult();
    let hasPromise = false;
    try {
      for (let at = 0; at < fields.length; at += 1) {
        const field = fields[at] as FieldPlan;
        const value = this.#executeField(field, source, path, before);
        result[field.key] = value;
        if (isThenable(value)) hasPromise = true;
      }
    } catch (error) {
      if (!hasPromise) throw error;
      // The others are waited for: they may reject too.
      return settledResult(selection, result).finally(() => {
        throw error;
      });
    }
    return hasPromise ? settledResult(selection, result) : result;
  }

  fail(error: unknown, { nodes }: SelectedField, path: ResponsePath, isNonNull: boolean): null {
    const located = locatedError(error, nodes, pathToArray(path));
    if (isNonNull) throw located;
    this.#errors ??= new CollectedErrors();
    this.#errors.add(located, path);
    return null;
  }

  #executeSerially(selection: SelectionPlan, source: unknown, before: unknown): unknown {
    const result = selection.createResult();
    let waiting: Promise<unknown> | null = null;
    for (const field of selection.fields) {
      if (waiting) {
        waiting = waiting.then(() => this.#executeInto(result, field, source, before));
      } else {
        waiting = this.#executeInto(result, field, source, before);
      }
    }
    return waiting ? waiting.then(() => result) : result;
  }

  /** A promise if the field is not done at once. */
  #executeInto(
    result: Result,
    field: FieldPlan,
    source: unknown,
    before: unknown,
  ): Promise<unknown> | null {
    const value = this.#executeField(field, source, undefined, before);
    if (isThenable(value)) {
      return value.then((resolved) => {
        result[field.key] = resolved;
      });
    }
    result[field.key] = value;
    return null;
  }

  #executeField(field: FieldPlan, source: unknown, prev: Path, beforeParent: unknown): unknown {
    const { key, output } = field;
    const path: ResponsePath = { prev, key, typename: field.parentType.name };
    const before = isObject(beforeParent) ? (beforeParent as Result)[key] : undefined;
    try {
      let info: GraphQLResolveInfo | null = null;
      let value: unknown;
      if (field.read) {
        value = field.read(source as object);
      } else {
        info = this.#infoOf(field, path);
        const args = field.readArguments(this.#variableValues);
        const resolve = field.definition.resolve ?? defaultFieldResolver;
        value = resolve(source, args, this.contextValue, info);
      }
      const completed = isThenable(value)
        ? value.then((resolved) => output.complete(resolved, this, info, path, before))
        : output.complete(value, this, info, path, before);
      if (!isThenable(completed)) return completed;
      return completed.then(undefined, (error) => this.fail(error, field, path, field.isNonNull));
    } catch (error) {
      return this.fail(error, field, path, field.isNonNull);
    }
  }

  #infoOf({ definition, nodes, parentType }: SelectedField, path: ResponsePath) {
    const parts = this.#parts;
    return {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType,
      path,
      schema: parts.schema,
      fragments: parts.fragments,
      rootValue: this.#rootValue,
      operation: parts.operation,
      variableValues: this.#variableValues,
    } as GraphQLResolveInfo;
  }

  #response(data: unknown): ExecutionResult {
    return (this.#errors ? { errors: this.#errors.list, data } : { data }) as ExecutionResult;
  }

  #failed(error: GraphQLError): ExecutionResult {
    this.#errors ??= new CollectedErrors();
    this.#errors.add(error, undefined);
    return this.#response(null);
  }
}

function settledResult(selection: SelectionPlan, result: Result): Promise<Result> {
  return Promise.all(Object.values(result)).then((values) => {
    const settled = selection.createResult();
    for (const [place, key] of Object.keys(result).entries()) settled[key] = values[place];
    return settled;
  });
}

function pathToArray(path: ResponsePath): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: Path = path; at; at = at.prev) keys.push(at.key);
  return keys.reverse();
}
