import { startPage } from '../../page/start-page.ts';
import { counterCard } from './counter-card.ts';
import {
  ClearCounter,
  ClearLimited,
  ToggleLimited,
  ToggleRunning,
  WatchMyLimitedTask,
  WatchMyTask,
} from './operations.ts';

const { session, render, act } = startPage();

const show = counterCard('', {
  toggle: () => act(() => session.mutate(ToggleRunning, {})),
  clear: () => act(() => session.mutate(ClearCounter, {})),
});
render(WatchMyTask, ({ state }) => show(state));

const showLimited = counterCard('limited-', {
  toggle: () => act(() => session.mutate(ToggleLimited, {})),
  clear: () => act(() => session.mutate(ClearLimited, {})),
});
render(WatchMyLimitedTask, ({ state }) => showLimited(state));
