import { Counter, Histogram, type Registry } from 'prom-client';
import { type CommitMessage, commitChannel } from '../diagnostics/commit.ts';
import { listen } from '../diagnostics/listen.ts';
import { secondsBuckets } from './buckets.ts';

/** Puts its metrics on the registry, and counts until the returned function is called. */
export function collectCommits(registry: Registry): () => void {
  const total = new Counter({
    name: 'statewire_commits_total',
    help: 'Commits of this process, by who made them.',
    labelNames: ['label'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'statewire_commit_duration_seconds',
    help: 'How long commits are in the hands of the store.',
    buckets: secondsBuckets,
    registers: [registry],
  });
  return listen<CommitMessage>(commitChannel, ({ label, durationMs }) => {
    total.inc({ label });
    duration.observe(durationMs / 1_000);
  });
}
