import {
  type Concurrency,
  type Durability,
  type EventDefinition,
  noPolicy,
  type TaskPolicy,
} from '../src/state/definitions.ts';
import { eventLabel } from '../src/state/event-label.ts';
import { maxTimerMs } from '../src/time/max-timer-ms.ts';

/** The options of a background event that say how its tasks run, without their types. */
export interface PolicyOptions {
  readonly durable?: boolean | Partial<Durability>;
  readonly concurrency?: {
    readonly limit: number;
    readonly scope?: Concurrency['scope'];
    readonly key?: NonNullable<Concurrency['key']>;
    readonly onLimit?: Concurrency['onLimit'];
  };
  readonly timeoutMs?: number;
  readonly cancelOn?: 'disconnect';
  readonly graceMs?: number;
}

/** How long the last subscriber may be away, in ms, if nobody says otherwise. */
export const defaultGraceMs = 5_000;

export function policyOf({
  durable,
  concurrency,
  timeoutMs,
  cancelOn,
  graceMs = defaultGraceMs,
}: PolicyOptions): TaskPolicy {
  return {
    ...noPolicy,
    durable: durable ? durabilityOf(durable === true ? {} : durable) : null,
    timeoutMs: timeoutMs ?? null,
    disconnectMs: cancelOn === undefined ? null : graceMs,
    concurrency: concurrency
      ? {
          limit: concurrency.limit,
          scope: concurrency.scope ?? 'token',
          key: concurrency.key ?? null,
          onLimit: concurrency.onLimit ?? 'queue',
        }
      : null,
  };
}

function durabilityOf({ attempts = 3, backoffMs = 1_000 }: Partial<Durability>): Durability {
  return { attempts, backoffMs };
}

/** What is wrong with the options of an event. */
export function policyProblems(event: EventDefinition, options: PolicyOptions): string[] {
  const { durable, concurrency, timeoutMs, cancelOn, graceMs } = options;
  const name = eventLabel(event);
  const problems: string[] = [];
  for (const [option, value] of Object.entries(options)) {
    if (event.kind === 'background' || value === undefined) continue;
    problems.push(`Expected no ${option} of ${name}: it is for background events.`);
  }
  const expect = (what: string, expected: string, isRight: boolean, value: unknown) => {
    if (!isRight) problems.push(`Expected ${what} of ${name} to be ${expected}, got ${value}.`);
  };
  if (typeof durable === 'object' && durable !== null) {
    const { attempts = 1, backoffMs = 0 } = durable;
    const isCount = Number.isSafeInteger(attempts) && attempts > 0;
    expect('durable.attempts', 'a whole number, 1 or more', isCount, attempts);
    const isTime = typeof backoffMs === 'number' && backoffMs >= 0 && backoffMs <= maxTimerMs;
    expect('durable.backoffMs', '0 ms or more, up to 24 days', isTime, backoffMs);
  } else {
    const isFlag = durable === undefined || typeof durable === 'boolean';
    expect('durable', 'true, false or { attempts, backoffMs }', isFlag, durable);
  }
  if (concurrency) {
    const { limit, scope = 'token', key, onLimit = 'queue' } = concurrency;
    const isLimit = Number.isSafeInteger(limit) && limit > 0;
    expect('concurrency.limit', 'a whole number, 1 or more', isLimit, limit);
    expect('concurrency.scope', "'token' or 'app'", ['token', 'app'].includes(scope), scope);
    const isOnLimit = ['queue', 'reject', 'replace'].includes(onLimit);
    const isKey = key === undefined || typeof key === 'function';
    expect('concurrency.key', 'a function', isKey, typeof key);
    expect('concurrency.onLimit', "'queue', 'reject' or 'replace'", isOnLimit, onLimit);
  }
  if (timeoutMs !== undefined) {
    const isTime = typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= maxTimerMs;
    expect('timeoutMs', 'more than 0 ms, up to 24 days', isTime, timeoutMs);
  }
  if (cancelOn !== undefined) {
    expect('cancelOn', "'disconnect'", cancelOn === 'disconnect', cancelOn);
  }
  if (graceMs !== undefined) {
    const isTime = typeof graceMs === 'number' && graceMs >= 0 && graceMs <= maxTimerMs;
    expect('graceMs', '0 ms or more, up to 24 days', isTime, graceMs);
    expect('cancelOn', "'disconnect' where there is graceMs", cancelOn !== undefined, cancelOn);
  }
  return problems;
}

/** The policy in words, for the schema; nothing if there is none. */
export function describePolicy(policy: TaskPolicy): string {
  const { durable, concurrency, timeoutMs, disconnectMs } = policy;
  const sentences: string[] = [];
  if (durable) {
    const { attempts } = durable;
    const times = attempts === 1 ? '1 failed attempt' : `${attempts} failed attempts`;
    sentences.push(`Goes on after a restart of the server; fails after ${times}.`);
  }
  if (concurrency) {
    const { limit, scope, key, onLimit } = concurrency;
    const whose = `${scope === 'token' ? 'per token' : 'on all tokens'}${key ? ' and key' : ''}`;
    sentences.push(`At most ${limit} at a time ${whose}: ${becomesOf[onLimit]}.`);
  }
  if (timeoutMs !== null) sentences.push(`Fails after ${timeoutMs} ms.`);
  if (disconnectMs !== null) {
    sentences.push(`Is cancelled when nobody has been subscribed for ${disconnectMs} ms.`);
  }
  return sentences.join(' ');
}

const becomesOf = {
  queue: 'others wait for their turn',
  reject: 'others fail',
  replace: 'a new one takes the place of the oldest',
} as const;
