import type { GraphQLErrorLike } from 'statewire/client';
import type { Operation } from './operation.ts';
import { RequestError } from './request-error.ts';

interface Endpoint {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly GraphQLErrorLike[];
}

/**
 * A query or mutation over HTTP, to its data without errors.
 *
 * @throws {@link RequestError} if there are errors, also if only of fields.
 */
export async function sendRequest<Data>(endpoint: Endpoint, operation: Operation): Promise<Data> {
  const response = await fetch(endpoint.url, {
    method: 'POST',
    headers: {
      ...endpoint.headers,
      accept: 'application/graphql-response+json, application/json',
      'content-type': 'application/json',
    },
    body: JSON.stringify(operation),
  });
  if (!response.headers.get('content-type')?.includes('json')) {
    throw new Error(`Expected an answer of GraphQL, got ${response.status} of ${endpoint.url}.`);
  }
  const { data, errors = [] } = (await response.json()) as Answer<Data>;
  if (!data || errors.length > 0) throw new RequestError(errors);
  return data;
}
