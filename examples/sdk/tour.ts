import { WebSocket } from 'ws';
import { connect } from './connect.ts';
import type { Sdk } from './generated.ts';
import { RequestError } from './request-error.ts';

/** One line for each thing that was seen: which operation, and what of it. */
function say(operation: keyof Sdk, text: string): void {
  console.log(`${operation.padEnd(19)} ${text}`);
}

/** Whose state it is, and by what it is reached. */
interface Tourist {
  readonly sdk: Sdk;
  readonly token: string;
}

async function seeAccount({ sdk, token }: Tourist, staff: Sdk): Promise<void> {
  let cursor = '';
  for await (const { account } of sdk.watchAccount({ token })) {
    say('watchAccount', `begins with a snapshot: balance ${account.state.balance}`);
    cursor = account.cursor;
    break;
  }
  const { accountDeposit } = await sdk.deposit({ token, amount: 10 });
  say('deposit', `balance ${accountDeposit.state.balance}`);
  const { accountWithdraw } = await sdk.withdraw({ token, amount: 25 });
  say(
    'withdraw',
    accountWithdraw.__typename === 'InsufficientFunds'
      ? `refused, ${accountWithdraw.missing} too little`
      : `balance ${accountWithdraw.state.balance}`,
  );
  for await (const { account } of sdk.watchAccount({ token, since: cursor })) {
    say('watchAccount', `goes on from its cursor: ${account.changed} to ${account.delta.balance}`);
    break;
  }
  const { accountAnnotate } = await staff.annotate({ token, note: 'has been on tour' });
  say('annotate', `the staff notes "${accountAnnotate.state.note}"`);
  const { account } = await sdk.account({ token });
  say('account', `balance ${account.balance} at version ${account.version}`);
}

async function followTask({ sdk, token }: Tourist): Promise<void> {
  let taskId: string | undefined;
  for await (const { myTask } of sdk.watchMyTask({ token })) {
    const { counter, maxCounter, percent, running } = myTask.state;
    say('watchMyTask', `${counter} of ${maxCounter}, ${percent} % (${myTask.changed})`);
    if (taskId === undefined) {
      const { myTaskToggleRunning } = await sdk.toggleRunning({ token });
      taskId = myTaskToggleRunning.tasks[0]?.id ?? '';
      say('toggleRunning', `version ${myTaskToggleRunning.version}, and a task has started`);
    } else if (!running && counter === maxCounter) break;
  }
  const { task } = await sdk.task({ token, id: taskId ?? '' });
  const took = (task?.endedAt ?? 0) - (task?.startedAt ?? 0);
  say('task', `${task?.event} is ${task?.status} after ${took} ms`);
  const { myTask } = await sdk.myTask({ token });
  say('myTask', `${myTask.counter} of ${myTask.maxCounter}`);
}

async function cancelTask({ sdk, token }: Tourist): Promise<void> {
  const { myTaskClearCounter } = await sdk.clearCounter({ token });
  say(
    'clearCounter',
    `${myTaskClearCounter.state.counter} of ${myTaskClearCounter.state.maxCounter}`,
  );
  const [started] = (await sdk.toggleRunning({ token })).myTaskToggleRunning.tasks;
  const { cancelTask: cancelled } = await sdk.cancelTask({ token, id: started?.id ?? '' });
  say('cancelTask', `${cancelled.event} is ${cancelled.status}`);
  const { myTaskMyTask } = await sdk.startMyTask({ token });
  say('startMyTask', `${myTaskMyTask.event} is ${myTaskMyTask.status}`);
  const { tasks } = await sdk.tasks({ token, status: ['CANCELLED', 'SUCCEEDED', 'RUNNING'] });
  say('tasks', tasks.map(({ event, status }) => `${event} ${status}`).join(', '));
}

/** The same counter, where a second task waits for its turn. */
async function queueTask({ sdk, token }: Tourist): Promise<void> {
  const { myLimitedTaskToggleRunning } = await sdk.toggleLimited({ token });
  const [first] = myLimitedTaskToggleRunning.tasks;
  say('toggleLimited', `version ${myLimitedTaskToggleRunning.version}, and a task has started`);
  const { myLimitedTaskMyTask: second } = await sdk.startMyLimitedTask({ token });
  say('startMyLimitedTask', `another one is ${second.status}`);
  for await (const { myLimitedTask } of sdk.watchMyLimitedTask({ token })) {
    const { counter, maxCounter } = myLimitedTask.state;
    say('watchMyLimitedTask', `${counter} of ${maxCounter}`);
    if (counter > 0) break;
  }
  for (const id of [second.id, first?.id ?? '']) await sdk.cancelTask({ token, id });
  const { myLimitedTaskClearCounter } = await sdk.clearLimited({ token });
  say('clearLimited', `${myLimitedTaskClearCounter.state.counter} counted`);
  const { myLimitedTask } = await sdk.myLimitedTask({ token });
  say('myLimitedTask', `${myLimitedTask.counter} of ${myLimitedTask.maxCounter}`);
}

async function importFile({ sdk, token }: Tourist): Promise<void> {
  const { csvImportRun: run } = await sdk.runImport({ token, rows: 50 });
  say('runImport', `${run.state}.${run.event} is ${run.status}`);
  const refused = await sdk.runImport({ token, rows: 50 }).catch((error: unknown) => error);
  say('runImport', refused instanceof RequestError ? `refused, ${refused.code}` : 'another one');
  for await (const { tasks: task } of sdk.watchTasks({ token })) {
    if (task.id !== run.id) continue;
    say('watchTasks', `${task.status}: ${task.message ?? 'nothing yet'}`);
    if (task.endedAt !== null) break;
  }
  for await (const { csvImport } of sdk.watchImport({ token })) {
    say('watchImport', `${csvImport.state.total} rows, ${csvImport.state.skipped} skipped`);
    break;
  }
  const { csvImport } = await sdk.csvImport({ token });
  say('csvImport', `${csvImport.rows.length} rows, ${csvImport.sum} cents`);
  const { csvImportClear } = await sdk.clearImport({ token });
  say('clearImport', `${csvImportClear.state.total} rows are left`);
}

async function fetchData({ sdk, token }: Tourist): Promise<void> {
  const { lowLevelFetchData } = await sdk.fetchData({ token });
  say('fetchData', lowLevelFetchData.state.result);
  for await (const { lowLevel } of sdk.watchLowLevel({ token })) {
    say('watchLowLevel', lowLevel.state.result);
    if (lowLevel.version > lowLevelFetchData.version) break;
  }
  const { lowLevel } = await sdk.lowLevel({ token });
  say('lowLevel', lowLevel.result);
}

async function editTodos({ sdk, token }: Tourist): Promise<void> {
  const diffs = sdk.watchTodos({ token })[Symbol.asyncIterator]();
  /** Reads on until what a mutation did is there. */
  const seen = async (version: number): Promise<void> => {
    for (let reached = -1; reached < version; ) {
      const { done, value } = await diffs.next();
      if (done) throw new Error('Expected the subscription to go on.');
      reached = value.todos.version;
      const titles = value.todos.state.visible.map(
        (todo) => `${todo.done ? '✓ ' : ''}${todo.title}`,
      );
      say('watchTodos', `${value.todos.changed}: ${titles.join(', ') || 'nothing to do'}`);
    }
  };
  await seen(0);

  const titles = ['Read the reference', 'Write a state'];
  const { todosImport } = await sdk.importTodos({ token, titles });
  say('importTodos', `${todosImport.state.open} to do`);
  await seen(todosImport.version);
  const { todosAdd } = await sdk.addTodo({ token, title: 'Go on tour', due: '2026-12-24' });
  say('addTodo', `${todosAdd.state.items.at(-1)?.title} until ${todosAdd.state.items.at(-1)?.due}`);
  await seen(todosAdd.version);

  const [first, second, third] = todosAdd.state.items.map(({ id }) => id) as [
    string,
    string,
    string,
  ];
  const { todosToggle } = await sdk.toggleTodo({ token, id: third });
  say('toggleTodo', `${todosToggle.state.open} to do`);
  await seen(todosToggle.version);
  const { todosMove } = await sdk.moveTodo({ token, id: second, to: 0 });
  say('moveTodo', `first is ${todosMove.state.items[0]?.title}`);
  await seen(todosMove.version);
  const { todosRemove } = await sdk.removeTodo({ token, id: first });
  say('removeTodo', `${todosRemove.state.items.length} are left`);
  await seen(todosRemove.version);
  const { todosSetFilter } = await sdk.setFilter({ token, filter: 'DONE' });
  say('setFilter', `shows ${todosSetFilter.state.filter}`);
  await seen(todosSetFilter.version);
  await diffs.return?.();
  const { todos } = await sdk.todos({ token });
  say('todos', `${todos.items.length} in all, ${todos.visible.length} shown`);
}

async function seeStates({ sdk, token }: Tourist): Promise<void> {
  for await (const { states } of sdk.watchStates({ token })) {
    const each = states.diffs.map(({ state, version }) => `${state.__typename} ${version}`);
    say('watchStates', each.join(', '));
    break;
  }
}

/** Uses every operation of the SDK against a server of the examples. */
async function tour(url: string): Promise<void> {
  const endpoint = new URL('/graphql', url).href;
  const visitor = connect(endpoint, { webSocketImpl: WebSocket });
  const staff = connect(endpoint, { headers: { role: 'staff' }, webSocketImpl: WebSocket });
  try {
    const { issueToken: token } = await visitor.sdk.issueToken();
    say('issueToken', `${token.length} characters, to be kept like a password`);
    const tourist = { sdk: visitor.sdk, token };
    await seeAccount(tourist, staff.sdk);
    await followTask(tourist);
    await cancelTask(tourist);
    await queueTask(tourist);
    await importFile(tourist);
    await fetchData(tourist);
    await editTodos(tourist);
    await seeStates(tourist);
  } finally {
    await Promise.all([visitor.close(), staff.close()]);
  }
}

const url = process.argv[2] ?? 'http://localhost:4000';
try {
  await tour(url);
} catch (error) {
  console.error(`The tour of ${url} ends here; "npm start" starts the demo.`, error);
  process.exitCode = 1;
}
