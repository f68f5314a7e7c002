import { type TaskRunMessage, taskRunChannel } from '../diagnostics/task.ts';
import type { RunSpans } from './run-spans.ts';

/** A span for each run of a task's handler, below what has started the task. */
export function traceTasks(runs: RunSpans): () => void {
  return runs.follow<TaskRunMessage>({
    channel: taskRunChannel,
    name: ({ state, event }) => `${state}.${event}`,
    attributes: ({ token, id, state, event }) => ({
      'statewire.token': token,
      'statewire.state': state,
      'statewire.event': event,
      'statewire.task': id,
    }),
  });
}
