import { Counter, Histogram, type Registry } from 'prom-client';
import { listen } from '../diagnostics/listen.ts';
import { type LockMessage, lockChannel } from '../diagnostics/lock.ts';
import { secondsBuckets } from './buckets.ts';

/** Puts its metrics on the registry, and counts until the returned function is called. */
export function collectLocks(registry: Registry): () => void {
  const total = new Counter({
    name: 'statewire_locks_total',
    help: 'Locks that have ended, and requests for one that were in vain, by how they ended.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const wait = new Histogram({
    name: 'statewire_lock_wait_seconds',
    help: 'How long a lock is waited for, also in vain.',
    buckets: secondsBuckets,
    registers: [registry],
  });
  const hold = new Histogram({
    name: 'statewire_lock_hold_seconds',
    help: 'How long locks are held, by who holds them.',
    labelNames: ['label'],
    buckets: secondsBuckets,
    registers: [registry],
  });
  return listen<LockMessage>(lockChannel, ({ label, waitMs, holdMs, outcome }) => {
    total.inc({ outcome });
    wait.observe(waitMs / 1_000);
    if (outcome === 'released' || outcome === 'lost') hold.observe({ label }, holdMs / 1_000);
  });
}
