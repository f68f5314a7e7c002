import { httpUrl } from './socket.ts';

const storageKey = 'statewire-token';

/** This tab's token: issued once, and kept for as long as the tab lives. The other pages use the same. */
export async function tabToken(): Promise<string> {
  const kept = sessionStorage.getItem(storageKey);
  if (kept !== null) return kept;
  const response = await fetch(httpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'mutation { issueToken }' }),
  });
  const { data } = (await response.json()) as { readonly data: { readonly issueToken: string } };
  sessionStorage.setItem(storageKey, data.issueToken);
  return data.issueToken;
}
