import type { GraphQLParams } from 'graphql-yoga';

/** Of an operation, as yoga has them. */
export type PlainParams = GraphQLParams & { readonly query: string };

const names: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);

/** The parameters of one operation in the body of a request, if there is nothing wrong with them; else null. */
export function plainParams(body: string): PlainParams | null {
  const params = parsed(body);
  if (!isRecord(params)) return null;
  const { query, operationName, variables, extensions } = params;
  if (typeof query !== 'string') return null;
  if (!isMissing(operationName) && typeof operationName !== 'string') return null;
  if (!isMissing(variables) && !isRecord(variables)) return null;
  if (!isMissing(extensions) && !isRecord(extensions)) return null;
  for (const name of Object.keys(params)) if (!names.has(name)) return null;
  return params as unknown as PlainParams;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
