import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { listen } from '../diagnostics/listen.ts';
import { type TaskMessage, taskChannel } from '../diagnostics/task.ts';
import { taskSecondsBuckets } from './buckets.ts';

const labelNames = ['state', 'event'] as const;

/** Puts its metrics on the registry, and counts until the returned function is called. */
export function collectTasks(registry: Registry): () => void {
  const total = new Counter({
    name: 'statewire_tasks_total',
    help: 'How often tasks have got each status.',
    labelNames: [...labelNames, 'status'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'statewire_task_duration_seconds',
    help: 'From the start of a task’s handler until the task has its outcome.',
    labelNames,
    buckets: taskSecondsBuckets,
    registers: [registry],
  });
  const queued = new Gauge({
    name: 'statewire_tasks_queued',
    help: 'Tasks that wait for their turn in this process.',
    labelNames,
    registers: [registry],
  });
  const running = new Gauge({
    name: 'statewire_tasks_running',
    help: 'Tasks that run in this process.',
    labelNames,
    registers: [registry],
  });
  /** The gauge that each task is counted in, by its id. */
  const counted = new Map<string, Gauge<'state' | 'event'>>();

  return listen<TaskMessage>(taskChannel, ({ id, state, event, status, runMs }) => {
    const labels = { state, event };
    total.inc({ ...labels, status });
    counted.get(id)?.dec(labels);
    counted.delete(id);
    if (status === 'QUEUED' || status === 'RUNNING') {
      const gauge = status === 'QUEUED' ? queued : running;
      gauge.inc(labels);
      counted.set(id, gauge);
    } else if (runMs !== null && status !== 'HANDED_OVER') {
      duration.observe(labels, runMs / 1_000);
    }
  });
}
