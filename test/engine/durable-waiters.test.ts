import { createApp } from 'statewire';
import { createTestApp } from 'statewire/testing';
import { expect, it, onTestFinished } from 'vitest';
import type { DurableHost } from '../../src/store/durable-tasks.ts';
import { MemoryStateStore } from '../../src/store/memory/memory-state-store.ts';
import { systemClock } from '../../src/time/clock.ts';
import { defineCell } from '../support/cell.ts';
import { Deferred } from '../support/deferred.ts';
import { laterMs } from '../support/durable.ts';
import { forwardDurable, insteadOfCommits } from '../support/forward-store.ts';
import { createBuilder, type LabContext } from '../support/lab.ts';
import { noTask } from '../support/no-task.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { until } from '../support/until.ts';

/** A node that runs durable tasks, and another that finds them, on a clock of its own, and hears of no cancellation. */
function startNodes(onLimit: 'queue' | 'replace') {
  const goOn = new Deferred();
  const begun: string[] = [];
  const builder = createBuilder();
  const work = defineCell(builder)
    .background('work', {
      durable: true,
      concurrency: { limit: 1, onLimit, scope: 'app' },
      onExit: (_s, { taskId }) => (taskId === begun[0] ? goOn.promise : undefined),
    })
    .resolve(async (self) => {
      begun.push(self.taskId);
      await self.sleep(laterMs);
    });
  const schema = builder.toSchema();
  const store = new MemoryStateStore(systemClock, { hasDurable: true });
  const a = createApp<LabContext>({ schema, store, development: true, logger: silentLogger });
  onTestFinished(() => a.close());
  let finder!: DurableHost;
  let commits = 0;
  const countCommit = async (_commit: unknown, forward: () => Promise<void>) => {
    commits += 1;
    await forward();
  };
  const durable = forwardDurable(store, () => ({
    async start(host) {
      finder = host;
    },
  }));
  const deaf = insteadOfCommits(store, countCommit, {
    durable,
    watch: (key, watcher) =>
      store.watch(key, {
        onCommit: () => watcher.onCommit(),
        onTasks: () => watcher.onTasks(),
        onCancel: () => {},
      }),
  });
  const b = createTestApp<LabContext>({ schema, store: deaf });
  onTestFinished(() => b.close());
  const find = (id: string) => finder.onFound(a.keyOf('T'), id);
  return { a, b, work, begun, find, goOn, commits: () => commits };
}

it.each(['queue', 'replace'] as const)(
  'a task that has ended elsewhere while it waited takes no place again, nor that of another (%s)',
  async (onLimit) => {
    const { a, b, work, begun, find, goOn, commits } = startNodes(onLimit);
    await Promise.all([a.opened, b.app.opened]);
    const [other, key] = [a.keyOf('U'), a.keyOf('T')];
    await a.dispatch(work, other);
    await until(() => begun.length === 1, 'the first runs');
    await a.dispatch(work, key);
    const [first = ''] = begun;
    const [second = ''] = (await a.listTasks(key)).map(({ id }) => id);
    find(second);
    await until(() => b.app.backgroundTasks.size === 1, 'the other node waits too');
    await b.clock.advance(0);
    await a.cancelTask(other, first);
    await a.cancelTask(key, second);
    await until(() => a.backgroundTasks.size === 1, 'the second has left');
    goOn.resolve();
    await noTask(a);
    await a.dispatch(work, key);
    await until(() => begun.length === 2, 'the third runs');
    await b.clock.advance(5_000);
    await noTask(b.app);
    const tasks = await a.listTasks(key);
    expect(tasks.map(({ status }) => status)).toEqual(['CANCELLED', 'RUNNING']);
    expect(commits()).toBe(0);
  },
);
