import type { TokenSnapshot } from '../../src/state/snapshot.ts';
import type { Entry } from '../../src/store/state-store.ts';

/** What came of an operation, as its client knows; times are of one clock, in ms. */
export type Outcome =
  /** An append, answered with the version of its commit. */
  | { readonly kind: 'acknowledged'; readonly at: number; readonly version: number }
  /** A task that runs. */
  | { readonly kind: 'started'; readonly at: number; readonly taskId: string }
  /** An error with a code: it must have done nothing. */
  | { readonly kind: 'refused'; readonly at: number; readonly code: string }
  /** The connection was lost, or nobody answered: it may have been done, or be done later. */
  | { readonly kind: 'unknown' };

/** `append` is to be done, `refuse` throws after its write, `work` starts a task of three steps. */
export type OperationKind = 'append' | 'refuse' | 'work';

export interface Operation {
  /** Unique in the whole run; without `.` `@` `:`. */
  readonly id: string;
  readonly kind: OperationKind;
  readonly sentAt: number;
  readonly outcome: Outcome;
}

/** The state, as somebody saw it: every commit appends one text. */
export interface Sight {
  readonly version: number;
  /** How many texts were appended in all. */
  readonly n: number;
  /** The last of them. */
  readonly ops: readonly string[];
}

/** A diff, as a subscriber got it. */
export interface Observation extends Sight {
  readonly at: number;
  readonly since: number;
  readonly reset: boolean;
  /** Whether it is the first after the subscriber connected. */
  readonly first: boolean;
}

/** A replica took over that lacked the latest writes of its master. */
export interface Failover {
  /** The replica had all that was acknowledged before. */
  readonly syncedAt: number;
  /** The master acknowledged nothing more from here on. */
  readonly killedAt: number;
}

/** A token whose state keeps every text. */
export interface TokenHistory {
  readonly token: string;
  readonly operations: readonly Operation[];
  /** Of each subscriber, in order. */
  readonly subscribers: readonly (readonly Observation[])[];
  /** Where the log begins. */
  readonly base: TokenSnapshot;
  readonly log: readonly Entry[];
  /** The state in the end, as each node has it. */
  readonly reads: readonly Sight[];
  readonly failovers: readonly Failover[];
}

/** A token with more commits than can be kept: its state has only the latest texts. */
export type LongHistory = Omit<TokenHistory, 'base' | 'log'>;

export interface Violation {
  readonly rule: Rule;
  readonly token: string;
  readonly detail: string;
}

/** What the checker holds histories to. */
export const rules = {
  log: 'entries without a gap, each after the one before, each with one text',
  acknowledged: 'what was acknowledged is in the log, at its version',
  refused: 'what was refused is not in the log',
  once: 'an operation is in the log at most once',
  phantom: 'nothing is in the log that nobody sent',
  order: 'what was acknowledged before another was sent comes before it',
  conflict: 'only a failover makes conflicts',
  suffix: 'a failover loses the end of the history, and nothing before it',
  chain: 'each diff follows the one before, or is a reset',
  reset:
    'only a failover, or a node that was away for more than 64 commits, makes a reset on a connection that stays',
  fold: 'what a subscriber sees is what the log leads to, or a failover took it back and it got a reset',
  behind: 'in the end every subscriber has the newest version',
  read: 'what is read is what the log leads to',
  alive: 'no node ends by itself',
  task: 'the steps of a task are in order, and then it exits, once',
} as const;

export type Rule = keyof typeof rules;
