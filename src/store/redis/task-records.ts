import {
  StoreOutcomeError,
  SupersededError,
  TaskCancelledError,
  TaskLostError,
} from '../../errors/index.ts';
import type { TokenKey } from '../../tokens/token-key.ts';
import type { StoredTask, TaskChanges, TaskRecord } from '../stored-task.ts';
import { oldestFirst } from '../task-rules.ts';
import { durableIds, holdStarts } from './hold-starts.ts';
import { tokenKeys } from './keys.ts';
import type { TokenHost } from './open-token.ts';
import { isOutcomeUnknown } from './redis-errors.ts';
import {
  cancelTaskScript,
  listTasksScript,
  trackAnswer,
  trackTasksScript,
  updateTaskScript,
} from './scripts/tasks.ts';
import {
  attemptOwner,
  endedTask,
  endingArgs,
  memoryText,
  ownerOf,
  recordText,
  taskOnRecord,
  taskText,
} from './task-text.ts';

/** What is known of tasks, outside of commits; see {@link StateStore}. */
export class TaskRecords {
  readonly #host: TokenHost;

  constructor(host: TokenHost) {
    this.#host = host;
  }

  async track(key: TokenKey, { started, ended, saved = [], by }: TaskChanges): Promise<void> {
    const { redis, prefix } = this.#host;
    const named = tokenKeys(prefix, key);
    const { head, log, snapshot, tasks, over, ended: endedKey, memories, channel } = named;
    const keys = [head, log, snapshot, tasks, over, endedKey, memories];
    const starting = new Set(started.map(({ id }) => id));
    await holdStarts(this.#host, { key, channel, started }, async (node) => {
      const args = [
        ...[node, this.#host.ttl, started.length, saved.length],
        ...(by ? [by.id, attemptOwner(by.attempt)] : ['', '']),
        ...started.flatMap((record) => [record.id, taskText(node, record)]),
        ...saved.flatMap((memory) => {
          const owner = starting.has(memory.id) ? '' : attemptOwner(memory.attempt);
          return [memory.id, owner, memoryText(memory)];
        }),
        ...endingArgs(node, ended),
      ];
      const sending = redis.run(trackTasksScript, keys, args);
      const removed = (await sending.catch((error: unknown) => {
        // What ends may be said to have ended again; what starts may not.
        const isUnknown = started.length > 0 && isOutcomeUnknown(error);
        throw isUnknown ? new StoreOutcomeError({ cause: error.cause }) : error;
      })) as number;
      if (removed === trackAnswer.taskLost) throw new TaskLostError();
      if (removed === trackAnswer.taskCancelled) throw new TaskCancelledError();
      if (removed === trackAnswer.superseded) throw new SupersededError();
      if (removed === trackAnswer.unknown) throw new StoreOutcomeError();
      // Only what was taken off: one that had ended before is not counted twice.
      this.#host.letGo(key, removed, node);
      this.#host.forget(key, durableIds(ended.map(({ record }) => record)));
    });
  }

  async update(key: TokenKey, task: TaskRecord): Promise<boolean> {
    const { redis, prefix, node } = this.#host;
    const { head, tasks } = tokenKeys(prefix, key);
    const args = [ownerOf(node, task), task.id, recordText(task)];
    return (await redis.run(updateTaskScript, [head, tasks], args)) === 1;
  }

  async cancel(key: TokenKey, taskId: string): Promise<boolean> {
    const { redis, prefix } = this.#host;
    const { head, tasks } = tokenKeys(prefix, key);
    return (await redis.run(cancelTaskScript, [head, tasks], [taskId])) === 1;
  }

  async list(key: TokenKey): Promise<readonly StoredTask[]> {
    const { redis, prefix } = this.#host;
    const { tasks, ended, channel } = tokenKeys(prefix, key);
    // What changes after this answer must ring.
    await this.#host.heard(channel);
    const answer = await redis.run(listTasksScript, [tasks, ended], []);
    const [onRecord, over] = answer as [string[], string[]];
    return oldestFirst([...over.map(endedTask), ...onRecord.map(taskOnRecord)]);
  }
}
