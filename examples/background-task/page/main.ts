import { byId } from '../../page/dom.ts';
import { startPage } from '../../page/start-page.ts';
import { ClearCounter, ToggleRunning, WatchMyTask } from './operations.ts';

const counter = byId('counter', HTMLElement);
const progress = byId('progress', HTMLProgressElement);
const toggle = byId('toggle', HTMLButtonElement);
const clear = byId('clear', HTMLButtonElement);

const { session, render, act } = startPage();

render(WatchMyTask, ({ state }) => {
  counter.textContent = `${state.counter} / ${state.maxCounter}`;
  progress.value = state.percent;
  toggle.textContent = state.running ? 'Stop' : 'Start';
  // At the end there is nothing to start, until it is cleared.
  toggle.disabled = !state.running && state.counter >= state.maxCounter;
  clear.disabled = false;
});

toggle.addEventListener('click', () => act(() => session.mutate(ToggleRunning, {})));
clear.addEventListener('click', () => act(() => session.mutate(ClearCounter, {})));
