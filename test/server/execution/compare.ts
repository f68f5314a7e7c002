import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  print,
  versionInfo,
} from 'graphql';
import { expect } from 'vitest';
import {
  type CompiledOperation,
  compileOperation,
  type OperationArgs,
} from '../../../src/server/execution/compile-operation.ts';
import type { RandomOperation } from './random-document.ts';

type Answer = ExecutionResult | Promise<ExecutionResult>;

/** On graphql 17 it is graphql-js that executes what is not pure. */
export const executesAll = versionInfo.major === 16;

/** What executes an operation. */
export function executorOf(schema: GraphQLSchema, document: DocumentNode): CompiledOperation {
  const compiled = compileOperation(schema, document, null);
  if (compiled) return compiled;
  if (executesAll) throw new TypeError(`Expected a compiled operation of ${print(document)}`);
  const execute = (args: OperationArgs) => executeByGraphQL(schema, { document }, args);
  return { execute, isPure: false, reuses: false };
}

export function executeByGraphQL(
  schema: GraphQLSchema,
  { document }: Pick<RandomOperation, 'document'>,
  { previous: _previous, ...args }: OperationArgs,
): Answer {
  return execute({ schema, document, ...args }) as Answer;
}

/** The result of the compiled operation, after it was found to be that of graphql-js in all that can be seen. */
export async function expectSame(
  schema: GraphQLSchema,
  operation: Pick<RandomOperation, 'document'>,
  { compiled, args }: { readonly compiled: CompiledOperation; readonly args: OperationArgs },
): Promise<ExecutionResult> {
  const expected = executeByGraphQL(schema, operation, args);
  const got = compiled.execute(args);
  expect(got instanceof Promise).toBe(expected instanceof Promise);
  const [want, have] = [await expected, await got];
  expect(textOf(have)).toBe(textOf(want));
  expect(errorsOf(have)).toEqual(errorsOf(want));
  return have;
}

/** With the order of keys, and what JSON would leave out. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, part) => {
    if (part === undefined) return '(undefined)';
    return typeof part === 'bigint' ? `${part}n` : part;
  });
}

function errorsOf({ errors = [] }: ExecutionResult) {
  return errors.map(({ message, path, locations, extensions, originalError, nodes }) => ({
    ...{ message, path, locations, extensions, nodes },
    original: originalError && `${originalError.name}: ${originalError.message}`,
  }));
}

/** Makes any later change of a result an error. */
export function freezeDeeply<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) freezeDeeply(part);
  return value;
}
