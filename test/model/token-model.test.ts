import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Action,
  type Ask,
  actionsArbitrary,
  type EventProgram,
  type Step,
  type TaskProgram,
} from './script.ts';
import { TokenOracle } from './token-oracle.ts';
import { Stage, type TokenStage } from './token-stage.ts';

interface Token {
  readonly stage: TokenStage;
  readonly oracle: TokenOracle;
}

/** Waits until nothing moves: then each token shows what its oracle says, diff by diff. */
async function expectSame(stage: Stage, tokens: readonly Token[]): Promise<void> {
  await stage.idle();
  for (const { stage: token, oracle } of tokens) {
    const { subscriber } = token;
    expect({
      gates: [...token.gates.keys()].sort(),
      answers: token.answers.toSorted(),
      failures: token.failures.toSorted(),
      liveTasks: stage.liveTasks(token),
      diffs: subscriber.connected ? subscriber.diffs : oracle.diffs,
    }).toEqual({
      gates: [...oracle.gates.keys()].sort(),
      answers: oracle.answers.toSorted(),
      failures: oracle.failures.toSorted(),
      liveTasks: oracle.liveTasks,
      diffs: oracle.diffs,
    });
  }
}

/** One of what all tokens have, in an order that does not depend on the run. */
function pick(
  tokens: readonly Token[],
  names: (oracle: TokenOracle) => Iterable<string>,
  index: number,
) {
  const all = tokens.flatMap((token) =>
    [...names(token.oracle)].sort().map((name) => ({ ...token, name })),
  );
  return all[index % Math.max(all.length, 1)];
}

async function act(stage: Stage, tokens: readonly Token[], action: Action, label: string) {
  switch (action.do) {
    case 'ask': {
      const token = tokens[action.token % tokens.length] as Token;
      const asks = [...action.asks.entries()].map(
        ([index, what]) => [`${label}-${index}`, what] as const,
      );
      // Tasks first, in a turn of their own: of an event beside them they may see what it has
      // committed or not, as both take a moment.
      const isTask = ([, what]: (typeof asks)[number]) => what.kind === 'task';
      for (const each of [asks.filter(isTask), asks.filter((ask) => !isTask(ask))]) {
        for (const [name, what] of each) stage.ask(token.stage, name, what);
        await stage.idle();
        token.oracle.ask(new Map(each));
      }
      break;
    }
    case 'open': {
      const gate = pick(tokens, ({ gates }) => gates.keys(), action.pick);
      if (!gate) break;
      stage.open(gate.stage, gate.name);
      gate.oracle.gates.get(gate.name)?.();
      break;
    }
    case 'cancel': {
      const task = pick(tokens, ({ running }) => running.keys(), action.pick);
      if (!task) break;
      stage.cancel(task.stage, task.name);
      task.oracle.cancel(task.name);
      break;
    }
    case 'reconnect': {
      const { subscriber } = (tokens[action.token % tokens.length] as Token).stage;
      if (subscriber.connected) await subscriber.leave();
      else await subscriber.connect();
    }
  }
  await expectSame(stage, tokens);
}

async function play(names: readonly string[], actions: readonly Action[]): Promise<void> {
  const stage = new Stage(names);
  const tokens = stage.tokens.map((token) => ({ stage: token, oracle: new TokenOracle() }));
  try {
    await playToTheEnd(stage, tokens, actions);
  } catch (error) {
    // An engine that failed may never come to its end; the next try to shrink is not to wait for it.
    void stage.close();
    throw error;
  }
  await stage.close();
}

async function playToTheEnd(
  stage: Stage,
  tokens: readonly Token[],
  actions: readonly Action[],
): Promise<void> {
  for (const { subscriber } of stage.tokens) await subscriber.connect();
  await expectSame(stage, tokens);
  for (const [index, action] of actions.entries()) await act(stage, tokens, action, String(index));
  for (const { subscriber } of stage.tokens) {
    if (!subscriber.connected) await subscriber.connect();
  }
  await expectSame(stage, tokens);
  while (tokens.some(({ oracle }) => oracle.gates.size > 0)) {
    await act(stage, tokens, { do: 'open', pick: 0 }, 'end');
  }
  expect(stage.app.backgroundTasks.size).toBe(0);
}

describe('a token, whatever interleaves', () => {
  it('shows what the contract says, diff by diff, and leaves no task behind', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(['A'], ['A', 'B']), actionsArbitrary, play), {
      numRuns: 150,
      // Before the test's own time is up: a failure is to be told with its seed and path.
      interruptAfterTimeLimit: 55_000,
      markInterruptAsFailure: true,
    });
  });

  // Its record was to be taken off when the lock is free, whoever has it then.
  it('with a task that was cancelled in its lock and whose onExit fails, does not wait for the next lock', async () => {
    const onExitFails: TaskProgram = {
      kind: 'task',
      parts: [
        { do: 'locks', locks: [{ kind: 'modifyState', steps: [{ do: 'wait' }] }], caught: false },
      ],
      returns: [],
      onExit: [{ do: 'fail' }],
    };
    const event = (...steps: Step[]): EventProgram => ({ kind: 'event', steps, returns: [] });
    const triggers = (what: EventProgram) => event({ do: 'trigger', what });
    const ask = (what: Ask): Action => ({ do: 'ask', token: 0, asks: [what] });
    const startTask: Action = { do: 'open', pick: 0 };
    const cancelTask: Action = { do: 'cancel', pick: 0 };
    await play(
      ['A'],
      [
        ask(onExitFails),
        startTask,
        ask(triggers(triggers(event({ do: 'wait' })))),
        cancelTask,
        ask(event()),
      ],
    );
  });
});
