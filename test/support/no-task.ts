import type { App } from 'statewire';
import { until } from './until.ts';

/** Resolves when no task of the app is left; rejects if that takes longer than `ms`, as {@link until} does. */
export function noTask<Context>(app: App<Context>, ms?: number): Promise<void> {
  return until(() => app.backgroundTasks.size === 0, 'no task is left', ms);
}
