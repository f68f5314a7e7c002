import type { App } from 'statewire';
import { until } from './until.ts';

/** Resolves when no task of the app is left. */
export function noTask<Context>(app: App<Context>): Promise<void> {
  return until(() => app.backgroundTasks.size === 0, 'no task is left');
}
