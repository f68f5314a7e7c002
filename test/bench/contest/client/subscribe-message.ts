/** An operation as graphql-ws sends it. */
export function subscribeMessage(id: string, payload: object): string {
  return JSON.stringify({ id, type: 'subscribe', payload });
}
