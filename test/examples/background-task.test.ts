import { describe, expect, it } from 'vitest';
import { startExamples } from './start-examples.ts';

interface Started {
  readonly result: { readonly tasks: readonly { readonly id: string }[] };
}

interface Diff {
  readonly result: { readonly state: { readonly counter: number; readonly running: boolean } };
}

const oneToTen = Array.from({ length: 10 }, (_, index) => index + 1);
const cancel = 'mutation ($token: ID!, $id: ID!) { cancelTask(token: $token, id: $id) { status } }';

type State = 'myTask' | 'myLimitedTask';

/** A client's counter of this state, and all that is done with it. */
function open(examples: ReturnType<typeof startExamples>, state: State) {
  const watch = `subscription ($token: ID!) { result: ${state}(token: $token) { state { counter running } } }`;
  const toggle = `mutation ($token: ID!) { result: ${state}ToggleRunning(token: $token) { tasks { id } } }`;
  const clear = `mutation ($token: ID!) { ${state}ClearCounter(token: $token) { version } }`;
  const read = `query ($token: ID!) { result: ${state}(token: $token) { counter running percent } }`;
  const client = examples.client();
  const startedAt = examples.clock.now();
  const subscription = client.subscribe<Diff>(watch);
  return {
    toggle: async () => (await client.run<Started>(toggle)).result.tasks.map(({ id }) => id),
    clear: () => client.run(clear),
    cancel: (id: string | undefined) => client.run(cancel, { id }),
    read: async () => (await client.run<{ result: unknown }>(read)).result,
    counters: async (count: number) =>
      (await subscription.take(count)).map(({ result }) => result.state.counter),
    /** How many ms all that was begun has taken. */
    async settled(): Promise<number> {
      await examples.settled();
      expect(examples.app.backgroundTasks.size).toBe(0);
      expect(examples.failures).toEqual([]);
      return examples.clock.now() - startedAt;
    },
  };
}

/** Both forms: with a guard of its own, and with a limit. */
describe.each<State>(['myTask', 'myLimitedTask'])('the background-task example, %s', (state) => {
  it('counts to the end, one diff every half second', async () => {
    await using examples = startExamples();
    const counter = open(examples, state);
    const seen = counter.counters(13);
    await counter.toggle();
    await examples.clock.advance(1_200);
    expect(await counter.read()).toEqual({ counter: 3, running: true, percent: 30 });
    expect(await counter.settled()).toBe(5_000);
    expect(await seen).toEqual([0, 0, ...oneToTen, 10]);
    expect(await counter.read()).toEqual({ counter: 10, running: false, percent: 100 });
  });

  it('cleared while it runs, starts over; stopped, it can be started again', async () => {
    await using examples = startExamples();
    const counter = open(examples, state);
    await counter.toggle();
    await examples.clock.advance(700);
    await counter.clear();
    await examples.clock.advance(500);
    expect(await counter.read()).toMatchObject({ counter: 1, running: true });
    await counter.toggle();
    await counter.settled();
    expect(await counter.read()).toMatchObject({ counter: 1, running: false });
    await counter.toggle();
    await counter.settled();
    expect(await counter.read()).toMatchObject({ counter: 10, running: false });
  });

  it('toggled twice fast, it is stopped', async () => {
    await using examples = startExamples();
    const counter = open(examples, state);
    await Promise.all([counter.toggle(), counter.toggle()]);
    expect(await counter.settled()).toBeLessThanOrEqual(500);
    expect(await counter.read()).toMatchObject({ running: false });
  });

  it('toggled three times fast, it counts to the end by one loop', async () => {
    await using examples = startExamples();
    const counter = open(examples, state);
    const tasks = await Promise.all([counter.toggle(), counter.toggle(), counter.toggle()]);
    expect(tasks.map(({ length }) => length)).toEqual([1, 0, 1]);
    await examples.clock.advance(1_200);
    expect(await counter.read()).toMatchObject({ counter: 3, running: true });
    // Two loops would be done in half of the time.
    expect(await counter.settled()).toBe(5_000);
    expect(await counter.read()).toMatchObject({ counter: 10, running: false });
  });

  it('stopped and started within a pause, it goes on by one loop', async () => {
    await using examples = startExamples();
    const counter = open(examples, state);
    await counter.toggle();
    await examples.clock.advance(700);
    await counter.toggle();
    await counter.toggle();
    expect(await counter.read()).toMatchObject({ counter: 2, running: true });
    expect(await counter.settled()).toBe(5_000);
    expect(await counter.read()).toMatchObject({ counter: 10, running: false });
  });

  it('cancelled in the middle, it is stopped, and can be started again', async () => {
    await using examples = startExamples();
    const counter = open(examples, state);
    const [task] = await counter.toggle();
    await examples.clock.advance(1_200);
    expect(await counter.cancel(task)).toEqual({ cancelTask: { status: 'CANCELLED' } });
    await counter.settled();
    expect(await counter.read()).toMatchObject({ counter: 3, running: false });
    await counter.toggle();
    await counter.settled();
    expect(await counter.read()).toMatchObject({ counter: 10, running: false });
  });

  it('cancelled with another one behind it, it is stopped, and can be started again', async () => {
    await using examples = startExamples();
    const counter = open(examples, state);
    const [first] = await counter.toggle();
    await examples.clock.advance(1_200);
    await counter.toggle();
    await counter.toggle();
    await counter.cancel(first);
    await counter.settled();
    expect(await counter.read()).toMatchObject({ counter: 3, running: false });
    await counter.toggle();
    await counter.settled();
    expect(await counter.read()).toMatchObject({ counter: 10, running: false });
  });
});

describe('the background-task example, with a limit', () => {
  it('is stopped by the end of a task that waits', async () => {
    await using examples = startExamples();
    const counter = open(examples, 'myLimitedTask');
    await counter.toggle();
    await examples.clock.advance(1_200);
    await counter.toggle();
    const [waiting] = await counter.toggle();
    await counter.cancel(waiting);
    await counter.settled();
    expect(await counter.read()).toMatchObject({ counter: 3, running: false });
  });
});
