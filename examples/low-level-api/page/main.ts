import { byId } from '../../page/dom.ts';
import { startPage } from '../../page/start-page.ts';
import { FetchData, WatchLowLevel } from './operations.ts';

const result = byId('result', HTMLElement);
const fetchButton = byId('fetch', HTMLButtonElement);

const { session, render, act } = startPage();

render(WatchLowLevel, ({ state }) => {
  result.textContent = state.result || 'Nothing fetched yet.';
  fetchButton.disabled = false;
});

fetchButton.addEventListener('click', () => act(() => session.mutate(FetchData, {})));
