import type { Lab } from './lab.ts';
import { noTask } from './no-task.ts';
import type { Data } from './socket-client.ts';
import { until } from './until.ts';

/** Starts the task of {@link defineCell}'s `work`. */
export const start =
  'mutation ($token: ID = "T") { cellWork(token: $token) { id status attempt } }';

export const read = '{ cell(token: "T") { n lines } }';

/** All that is listed of the tasks of a token. */
export const list = `query ($token: ID = "T") {
  tasks(token: $token) { id event status attempt progress message parent { id } error { code message } }
}`;

export const cancel = `mutation ($id: ID!) {
  cancelTask(token: "T", id: $id) { status error { code } }
}`;

/** Later than any test: who waits for so long is not run again in it. */
export const laterMs = 300_000;

export const increment = (s: { n: number }): void => {
  s.n += 1;
};

/** An `onExit` that leaves how the task has ended. */
export const leaveOutcome = (s: { lines: string[] }, { outcome }: { outcome: string }): void => {
  s.lines.push(outcome);
};

/** Resolves to the tasks of a token when so many have ended, and none is left. */
export async function whenEnded(
  { app, client }: Pick<Lab, 'app' | 'client'>,
  count = 1,
  token = 'T',
): Promise<Data[]> {
  let tasks: Data[] = [];
  await until(async () => {
    tasks = await client.run(list, { token });
    const ended = tasks.filter(({ status }) => !['QUEUED', 'RUNNING'].includes(status));
    return ended.length >= count;
  }, `${count} tasks have ended`);
  // Their ends are stored.
  await noTask(app);
  return tasks;
}

/** Resolves when a task waits for its next attempt. */
export async function whenBackingOff({ client }: Pick<Lab, 'client'>, id: string): Promise<void> {
  await until(async () => {
    const tasks: Data[] = await client.run(list);
    return tasks.some((task) => task.id === id && task.status === 'QUEUED');
  }, 'it waits for its next attempt');
}
