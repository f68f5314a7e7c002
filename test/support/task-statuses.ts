import type { SocketClient } from './socket-client.ts';

/** The statuses of the tasks of T, by their events. */
export async function statusesOf(client: SocketClient): Promise<Record<string, string[]>> {
  const byEvent: Record<string, string[]> = {};
  for (const { event, status } of await client.run('{ tasks(token: "T") { event status } }')) {
    byEvent[event] = [...(byEvent[event] ?? []), status];
  }
  return byEvent;
}
