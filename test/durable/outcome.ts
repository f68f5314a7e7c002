import { expect } from 'vitest';
import type { Data, SocketClient } from '../support/socket-client.ts';
import { until } from '../support/until.ts';
import { leftovers } from './leftovers.ts';
import type { Scene } from './scene.ts';
import { stepsOf, type Walk } from './walk.ts';

/** A walk by the id of its task. */
export interface StartedWalk extends Walk {
  readonly id: string;
}

/** A machine that does much else takes its time, in ms. */
const patienceMs = 60_000;

const watch = 'subscription ($token: ID!) { job(token: $token) { state { outcomes } } }';
const read = 'query ($token: ID!) { job(token: $token) { begun steps outcomes } }';
const list = 'query ($token: ID!) { tasks(token: $token) { id status attempt error { code } } }';

/** Starts a walk by one of the mutations that do. */
export async function start(
  client: SocketClient,
  field: 'jobWalk' | 'jobStumble' | 'jobBlock',
  { token = 'T', where, ...walk }: Walk & { readonly token?: string; readonly where?: string },
): Promise<StartedWalk> {
  const more = where === undefined ? '' : `, where: "${where}"`;
  const mutation = `mutation ($token: ID!, $name: String!, $steps: Int!) {
    ${field}(token: $token, name: $name, steps: $steps${more}) { id }
  }`;
  const { id } = await client.run(mutation, { token, ...walk });
  return { ...walk, id };
}

/** Waits until a walk, or any, has come so far. */
export async function progress({ journal }: Scene, step: number, task?: string) {
  const there = () => journal.of('step', task).find((entry) => entry.step === step);
  await until(() => there() !== undefined, `step ${step} is done`, patienceMs);
  return there() as NonNullable<ReturnType<typeof there>>;
}

/** Waits for a further attempt at a walk, or at any. */
export async function nextAttempt({ journal }: Scene, after: number, task?: string) {
  const there = () => journal.of('begun', task).find(({ attempt }) => attempt > after);
  await until(() => there() !== undefined, `an attempt after ${after} has begun`, patienceMs);
  return there() as NonNullable<ReturnType<typeof there>>;
}

/** What a token has when all its walks have ended, and nothing is left of them. */
export async function outcome(
  { redis }: Scene,
  client: SocketClient,
  { token = 'T', count = 1 }: { readonly token?: string; readonly count?: number } = {},
): Promise<{ state: Data; tasks: Data[] }> {
  const subscription = client.subscribe(watch, { token });
  await subscription.takeUntil(({ state }) => state.outcomes.length >= count);
  await subscription.close();
  if (redis) {
    let left: string[] = [];
    const isEmpty = async () => {
      left = await leftovers(redis);
      return left.length === 0;
    };
    await until(isEmpty, 'nothing is left', patienceMs).catch(() => expect(left).toEqual([]));
  }
  const [state, tasks] = await Promise.all([
    client.run(read, { token }),
    client.run(list, { token }),
  ]);
  return { state, tasks };
}

/** Each walk was taken once, step by step, and has ended once. */
export function expectOnce(
  { state, tasks }: Awaited<ReturnType<typeof outcome>>,
  walks: readonly StartedWalk[],
): void {
  for (const walk of walks) {
    const own = state.steps.filter((step: string) => step.startsWith(`${walk.name} `));
    expect(own).toEqual(stepsOf(walk));
  }
  expect(state.steps).toHaveLength(walks.reduce((sum, { steps }) => sum + steps, 0));
  expect([...state.outcomes].sort()).toEqual(walks.map(({ id }) => `SUCCEEDED ${id}`).sort());
  const ended = walks.map(({ id }) => ({ id, status: 'SUCCEEDED', error: null }));
  expect(tasks).toEqual(expect.arrayContaining(ended.map((each) => expect.objectContaining(each))));
  expect(tasks).toHaveLength(walks.length);
}
