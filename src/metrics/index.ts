import { type OpenMetricsContentType, Registry, register } from 'prom-client';
import { collectCommits } from './commits.ts';
import { collectEvents } from './events.ts';
import { collectLocks } from './locks.ts';
import { collectStoreErrors } from './store-errors.ts';
import { collectSubscribers } from './subscribers.ts';
import { collectTasks } from './tasks.ts';

const collectors = [
  collectCommits,
  collectLocks,
  collectEvents,
  collectTasks,
  collectSubscribers,
  collectStoreErrors,
];

/**
 * Counts and measures what this process does, in metrics of prom-client. They are
 * on the registry, by default prom-client's global one, until the returned function
 * is called. Times are in seconds; no label has a token in it.
 *
 * @throws Error if the registry has a metric of one of these names, as after a first
 * call. It is left as it was.
 */
export function collectMetrics(
  registry: Registry | Registry<OpenMetricsContentType> = register,
): () => void {
  const own = new Registry();
  const stops = collectors.map((collect) => collect(own));
  const stop = () => {
    for (const each of stops) each();
  };
  const names = own.getMetricsAsArray().map(({ name }) => name);
  const taken = names.find((name) => registry.getSingleMetric(name));
  if (taken) {
    stop();
    throw new Error(`Expected a registry without ${taken}, got one that has it.`);
  }
  for (const name of names) {
    const metric = own.getSingleMetric(name);
    if (metric) registry.registerMetric(metric);
  }
  return () => {
    stop();
    for (const name of names) registry.removeSingleMetric(name);
  };
}
