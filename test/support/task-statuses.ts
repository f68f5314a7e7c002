import type { Data, SocketClient, Subscription } from './socket-client.ts';

/** The statuses of the tasks of T, by their events. */
export async function statusesOf(client: SocketClient): Promise<Record<string, string[]>> {
  const byEvent: Record<string, string[]> = {};
  for (const { event, status } of await client.run('{ tasks(token: "T") { event status } }')) {
    byEvent[event] = [...(byEvent[event] ?? []), status];
  }
  return byEvent;
}

/** The statuses of a token's tasks, oldest first. */
export async function statuses(client: SocketClient, token = 'T'): Promise<string[]> {
  const list = 'query ($token: ID!) { tasks(token: $token) { status } }';
  return (await client.run(list, { token })).map(({ status }: Data) => status);
}

/** Follows tasks until so many have been seen, and all of them have succeeded last; the last of each, by its id. */
export async function takeUntilSucceeded(
  subscription: Subscription,
  count: number,
): Promise<Map<string, string>> {
  const last = new Map<string, string>();
  await subscription.takeUntil(({ id, status }) => {
    last.set(id, status);
    return last.size === count && [...last.values()].every((each) => each === 'SUCCEEDED');
  });
  return last;
}
