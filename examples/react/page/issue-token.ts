import { httpUrl } from '../../page/socket.ts';

/** A new token, without a GraphQL client: the pages have one each. */
export async function issueToken(): Promise<string> {
  const response = await fetch(httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'mutation { issueToken }' }),
  });
  const { data } = (await response.json()) as { readonly data: { readonly issueToken: string } };
  return data.issueToken;
}
