import { byId } from '../../page/dom.ts';

interface CounterState {
  readonly counter: number;
  readonly maxCounter: number;
  readonly running: boolean;
  readonly percent: number;
}

interface CounterActions {
  toggle(): void;
  clear(): void;
}

/** Connects a counter of the page with what its buttons do. Returns how to show a state in it. */
export function counterCard(
  prefix: '' | 'limited-',
  actions: CounterActions,
): (state: CounterState) => void {
  const counter = byId(`${prefix}counter`, HTMLElement);
  const progress = byId(`${prefix}progress`, HTMLProgressElement);
  const toggle = byId(`${prefix}toggle`, HTMLButtonElement);
  const clear = byId(`${prefix}clear`, HTMLButtonElement);
  toggle.addEventListener('click', actions.toggle);
  clear.addEventListener('click', actions.clear);

  return (state) => {
    counter.textContent = `${state.counter} / ${state.maxCounter}`;
    progress.value = state.percent;
    toggle.textContent = state.running ? 'Stop' : 'Start';
    // At the end there is nothing to start, until it is cleared.
    toggle.disabled = !state.running && state.counter >= state.maxCounter;
    clear.disabled = false;
  };
}
