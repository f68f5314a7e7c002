import { byId } from '../../page/dom.ts';
import { startPage } from '../../page/start-page.ts';
import { CancelTask, ClearImport, RunImport, WatchImport, WatchTasks } from './operations.ts';
import { showRows } from './show-rows.ts';
import { showTask, type Task } from './show-task.ts';

const form = byId('import', HTMLFormElement);
const rows = byId('rows', HTMLInputElement);
const cancel = byId('cancel', HTMLButtonElement);
const clear = byId('clear', HTMLButtonElement);

const { session, render, listen, act } = startPage();
/** The import that began last, whether it runs or not. */
let latest: Task | null = null;
let total = 0;

render(WatchImport, ({ state }) => {
  total = state.total;
  showRows(state);
  showButtons();
});

listen(WatchTasks, ({ tasks: task }) => {
  if (task.state !== 'CsvImport') return;
  if (task.id !== latest?.id) {
    // One that was refused has never begun.
    if (task.startedAt === null || task.startedAt < (latest?.startedAt ?? 0)) return;
  }
  latest = task;
  showTask(task);
  showButtons();
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void act(() => session.mutate(RunImport, { rows: rows.valueAsNumber || 0 }));
});

cancel.addEventListener('click', () =>
  act(() => session.mutate(CancelTask, { id: latest?.id ?? '' })),
);
clear.addEventListener('click', () => act(() => session.mutate(ClearImport, {})));

function showButtons(): void {
  // After a restart of the server it waits until somebody goes on with it.
  const isUnderWay = latest?.status === 'RUNNING' || latest?.status === 'QUEUED';
  cancel.disabled = !isUnderWay;
  clear.disabled = isUnderWay || total === 0;
}
