import { describe, expect, it } from 'vitest';
import { startExamples } from './start-examples.ts';

interface Diff {
  readonly myTask: { readonly state: { readonly counter: number; readonly running: boolean } };
}

const watch = 'subscription ($token: ID!) { myTask(token: $token) { state { counter running } } }';
const toggle = 'mutation ($token: ID!) { myTaskToggleRunning(token: $token) { version } }';
const clear = 'mutation ($token: ID!) { myTaskClearCounter(token: $token) { version } }';
const read = 'query ($token: ID!) { myTask(token: $token) { counter running percent } }';

describe('the background-task example', () => {
  it('counts to the end, one diff every half second', async () => {
    await using examples = startExamples();
    const client = examples.client();
    const subscription = client.subscribe<Diff>(watch);
    await client.run(toggle);
    await examples.clock.advance(1_200);
    expect(await client.run(read)).toEqual({ myTask: { counter: 3, running: true, percent: 30 } });
    await examples.settled();
    const counters = (await subscription.take(13)).map(({ myTask }) => myTask.state.counter);
    expect(counters).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
    expect(await client.run(read)).toEqual({
      myTask: { counter: 10, running: false, percent: 100 },
    });
    expect(examples.clock.now() - Date.UTC(2026, 0, 1)).toBe(5_000);
  });

  it('cleared while it runs, starts over; stopped, it can be started again', async () => {
    await using examples = startExamples();
    const client = examples.client();
    await client.run(toggle);
    await examples.clock.advance(700);
    await client.run(clear);
    await examples.clock.advance(500);
    expect(await client.run(read)).toMatchObject({ myTask: { counter: 1 } });
    await client.run(toggle);
    await examples.settled();
    expect(examples.app.backgroundTasks.size).toBe(0);
    await client.run(toggle);
    await examples.settled();
    expect(await client.run(read)).toMatchObject({ myTask: { counter: 10, running: false } });
    expect(examples.failures).toEqual([]);
  });
});
