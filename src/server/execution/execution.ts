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
import type {
  FailedPlace,
  FieldExecution,
  FieldPlan,
  Place,
  SelectionPlan,
  Variables,
} from './plan.ts';

type Result = Record<string, unknown>;

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
  readonly #scope: ExecutionScope;
  readonly #errors = new CollectedErrors();

  constructor(scope: ExecutionScope) {
    this.#scope = scope;
    this.contextValue = scope.contextValue;
  }

  run(selection: SelectionPlan, before: unknown): ExecutionResult | Promise<ExecutionResult> {
    const { parts, rootValue } = this.#scope;
    const place = { path: undefined, before };
    try {
      const data =
        parts.operation.operation === 'mutation'
          ? this.#executeSerially(selection, rootValue, place)
          : this.executeFields(selection, rootValue, place);
      if (!isThenable(data)) return this.#response(data);
      return data.then(
        (resolved) => this.#response(resolved),
        (error: GraphQLError) => this.#failed(error),
      );
    } catch (error) {
      return this.#failed(error as GraphQLError);
    }
  }

  executeFields(selection: SelectionPlan, source: unknown, place: Place): unknown {
    const result = selection.createResult();
    let hasPromise = false;
    try {
      for (const field of selection.fields) {
        const value = this.#executeField(field, source, place);
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

  fail(error: unknown, { nodes }: FieldPlan, { path, isNonNull }: FailedPlace): null {
    const located = locatedError(error, nodes, pathToArray(path));
    if (isNonNull) throw located;
    this.#errors.add(located, path);
    return null;
  }

  #executeSerially(selection: SelectionPlan, source: unknown, place: Place): unknown {
    const result = selection.createResult();
    let waiting: Promise<unknown> | null = null;
    for (const field of selection.fields) {
      const step = () => {
        const value = this.#executeField(field, source, place);
        if (isThenable(value)) {
          return value.then((resolved) => {
            result[field.key] = resolved;
          });
        }
        result[field.key] = value;
        return undefined;
      };
      if (waiting) waiting = waiting.then(step);
      else waiting = step() ?? null;
    }
    return waiting ? waiting.then(() => result) : result;
  }

  #executeField(field: FieldPlan, source: unknown, { path: prev, before }: Place): unknown {
    const { key, definition, output, isNonNull } = field;
    const path: ResponsePath = { prev, key, typename: field.parentType.name };
    const info = this.#infoOf(field, path);
    try {
      const args = field.readArguments(this.#scope.variableValues);
      const value = (definition.resolve ?? defaultFieldResolver)(
        source,
        args,
        this.contextValue,
        info,
      );
      const call = { execution: this, field, info };
      const place = { path, before: isObject(before) ? (before as Result)[key] : undefined };
      const completed = isThenable(value)
        ? value.then((resolved) => output.complete(call, resolved, place))
        : output.complete(call, value, place);
      if (!isThenable(completed)) return completed;
      return completed.then(undefined, (error) => this.fail(error, field, { path, isNonNull }));
    } catch (error) {
      return this.fail(error, field, { path, isNonNull });
    }
  }

  #infoOf({ definition, nodes, parentType }: FieldPlan, path: ResponsePath): GraphQLResolveInfo {
    const { parts, rootValue, variableValues } = this.#scope;
    return {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType,
      path,
      schema: parts.schema,
      fragments: parts.fragments,
      rootValue,
      operation: parts.operation,
      variableValues,
    } as GraphQLResolveInfo;
  }

  #response(data: unknown): ExecutionResult {
    const errors = this.#errors.list;
    return (errors.length === 0 ? { data } : { errors, data }) as ExecutionResult;
  }

  #failed(error: GraphQLError): ExecutionResult {
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
  for (let at: ResponsePath | undefined = path; at; at = at.prev) keys.push(at.key);
  return keys.reverse();
}
