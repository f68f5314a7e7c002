import { setTimeout as sleep } from 'node:timers/promises';
import { StoreCorruptedError } from 'statewire';
import { emptySnapshot } from '../../../src/state/snapshot.ts';
import type { StateStore } from '../../../src/store/state-store.ts';
import { hashToken } from '../../../src/tokens/token-key.ts';
import { textsOf } from '../checker/check-log.ts';
import { checkLongToken } from '../checker/check-long.ts';
import { runningTasks } from '../checker/check-tasks.ts';
import { checkToken } from '../checker/check-token.ts';
import type { RedisPair } from '../faults/redis-pair.ts';
import type { LongHistory, Rule, Sight, TokenHistory, Violation } from '../history.ts';
import type { TokenLoad } from './token-load.ts';

/** How long tasks may take to end, and subscribers to be up to date, when nothing more is sent. */
const settleMs = 25_000;
const pollMs = 100;

export interface VerifyOptions {
  readonly redis: RedisPair;
  /** One of nobody else's: it reads the log. */
  readonly store: StateStore;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Tasks whose exit a failover took back, or their record. */
  readonly tasksWithoutExit: number;
  /** What was checked. */
  readonly history: TokenHistory | LongHistory | null;
}

/** What may mend when tasks and subscribers are given more time. */
const mendable: readonly Rule[] = ['behind', 'fold', 'read', 'task'];

/**
 * Waits until the token has settled, and checks all that is known of it. What is
 * wrong for good needs no waiting. Null if the signal aborts.
 */
export async function verifyToken(
  load: TokenLoad,
  options: VerifyOptions,
  signal: AbortSignal,
): Promise<Verdict | null> {
  const deadline = performance.now() + settleMs;
  let isLate = false;
  while (!signal.aborted) {
    const { verdict, isSettled } = await look(load, options);
    if (verdict && (isSettled || isLate)) return verdict;
    if (verdict && isFinal(verdict)) return withoutMendable(verdict);
    // One more look: it may have been kept from looking until now.
    if (isLate && performance.now() > deadline + settleMs) {
      return { ...unread, violations: [{ rule: 'read', token: load.token, detail: 'nobody can' }] };
    }
    isLate = performance.now() > deadline;
    await sleep(pollMs);
  }
  return null;
}

const unread = { tasksWithoutExit: 0, history: null };

/** Nobody has waited whether the others mend. */
function withoutMendable(verdict: Verdict): Verdict {
  const violations = verdict.violations.filter(({ rule }) => !mendable.includes(rule));
  return { ...verdict, violations };
}

function isFinal({ violations }: Verdict): boolean {
  return violations.some(({ rule }) => !mendable.includes(rule));
}

/** What there is now; no verdict if it cannot be read, or a failover came between. */
async function look(
  load: TokenLoad,
  { redis, store }: VerifyOptions,
): Promise<{ readonly verdict: Verdict | null; readonly isSettled: boolean }> {
  const { token, isLong } = load;
  const ticks = redis.failoverTicks;
  try {
    const stored = isLong ? nothing : await readLog(store, token);
    const reads = await readStates(load);
    const isOfOneHistory = ticks === redis.failoverTicks && ticks % 2 === 0;
    if (!reads || !isOfOneHistory) return { verdict: null, isSettled: false };
    const { operations, observations: subscribers } = load;
    const { failovers } = redis;
    const history = { token, operations, subscribers, ...stored, reads, failovers };
    return { verdict: judge(history, isLong), isSettled: hasSettled(load, history) };
  } catch (error) {
    if (!(error instanceof StoreCorruptedError)) return { verdict: null, isSettled: false };
    const violation = { rule: 'log', token, detail: error.message } as const;
    return { verdict: { ...unread, violations: [violation] }, isSettled: true };
  }
}

function judge(history: TokenHistory, isLong: boolean): Verdict {
  if (isLong) return { violations: checkLongToken(history), tasksWithoutExit: 0, history };
  const tasksWithoutExit = runningTasks(history.operations, textsOf(history)).length;
  return { violations: checkToken(history), tasksWithoutExit, history };
}

type StoredLog = Pick<TokenHistory, 'base' | 'log'>;

const nothing: StoredLog = { base: emptySnapshot, log: [] };

async function readLog(store: StateStore, token: string): Promise<StoredLog> {
  const { snapshot, entries } = await store.read(hashToken(token), emptySnapshot);
  return { base: snapshot ?? emptySnapshot, log: entries };
}

/** The state as each seat's node has it; null if one cannot be read now. */
async function readStates({ seats }: TokenLoad): Promise<readonly Sight[] | null> {
  const reads = await Promise.all(seats.map((seat) => seat.read()));
  return reads.includes(null) ? null : reads;
}

/** Whether nobody is behind, and no task runs. */
function hasSettled({ seats, operations, isLong }: TokenLoad, history: TokenHistory): boolean {
  const { base, log, reads } = history;
  const newest = isLong
    ? Math.max(...reads.map(({ version }) => version))
    : base.version + log.length;
  const isUpToDate = ({ version }: { readonly version: number }) => version === newest;
  if (!seats.every(isUpToDate) || !reads.every(isUpToDate)) return false;
  return isLong || runningTasks(operations, textsOf(history)).length === 0;
}
