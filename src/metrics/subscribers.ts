import { Counter, Histogram, type Registry } from 'prom-client';
import { listen } from '../diagnostics/listen.ts';
import { type DiffMessage, subscriberDiffChannel } from '../diagnostics/subscriber-diff.ts';
import { type SubscriberLag, subscriberLagChannel } from '../diagnostics/subscriber-lag.ts';

/** Puts its metrics on the registry, and counts until the returned function is called. */
export function collectSubscribers(registry: Registry): () => void {
  const diffs = new Counter({
    name: 'statewire_diffs_total',
    help: 'Diffs that subscribers have taken, and snapshots (reset) among them.',
    labelNames: ['reset'],
    registers: [registry],
  });
  const lag = new Histogram({
    name: 'statewire_subscriber_lag_commits',
    help: 'How many commits a subscriber was behind that got several as one diff.',
    buckets: [8, 64, 128, 256, 512, 1_024, 4_096],
    registers: [registry],
  });
  const stopDiffs = listen<DiffMessage>(subscriberDiffChannel, ({ reset }) => {
    diffs.inc({ reset: String(reset) });
  });
  const stopLags = listen<SubscriberLag>(subscriberLagChannel, ({ commits }) => {
    lag.observe(commits);
  });
  return () => {
    stopDiffs();
    stopLags();
  };
}
