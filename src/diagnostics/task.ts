import { channel, tracingChannel } from 'node:diagnostics_channel';
import type { TokenKey } from '../tokens/token-key.ts';
import type { Publisher } from './publisher.ts';
import { traceRun } from './trace-run.ts';

/** The name of the channel of `node:diagnostics_channel` whose messages are {@link TaskMessage}s. */
export const taskChannel = 'statewire:task';

/** The status of a task has changed, or a task is there. */
export interface TaskMessage {
  readonly token: TokenKey;
  /** The task's id. */
  readonly id: string;
  /** The name of its event's state. */
  readonly state: string;
  /** The name of its background event. */
  readonly event: string;
  /** `HANDED_OVER`: a durable task is not this process's any more, and has not ended. */
  readonly status:
    | 'QUEUED'
    | 'RUNNING'
    | 'HANDED_OVER'
    | 'SUCCEEDED'
    | 'FAILED'
    | 'CANCELLED'
    | 'LOST';
  /** The id of the task that has started it; null if none has. */
  readonly parent: string | null;
  /** Since its handler began, in ms; null if it has not. */
  readonly runMs: number | null;
}

export const taskChanges: Publisher<TaskMessage> = channel(taskChannel);

/** The name of the tracing channel of `node:diagnostics_channel` whose messages are {@link TaskRunMessage}s. */
export const taskRunChannel = 'statewire:task:run';

/** The handler of a task, from its start until it has settled. `start`, `error` and `asyncEnd` get the same object. */
export interface TaskRunMessage {
  readonly token: TokenKey;
  /** The task's id. */
  readonly id: string;
  /** The name of its event's state. */
  readonly state: string;
  /** The name of its background event. */
  readonly event: string;
  /** Why it failed: there on `error`, and on `asyncEnd` if it has failed. */
  readonly error?: unknown;
}

const runChannels = tracingChannel<unknown, TaskRunMessage>(taskRunChannel);

/** Runs a task's handler inside its tracing channel, see {@link traceRun}. */
export function traceTask<T>(message: TaskRunMessage, run: () => Promise<T>): Promise<T> {
  return traceRun(runChannels, message, run);
}
