import type { TokenKey } from '../../tokens/token-key.ts';

/** Where a token is kept. All are under one hash tag, so that one node of a cluster has them. */
export interface TokenKeys {
  /** A hash: the newest commit, who holds the lease, what is known of the log. */
  readonly head: string;
  /** A stream: one entry for each commit since the snapshot, with ids of `<version>-0`. */
  readonly log: string;
  /** A hash: the header of the snapshot at 0, then its chunks. */
  readonly snapshot: string;
  /** A hash: who waits for the lease. */
  readonly waiters: string;
  /** A hash: the tasks on record, each with the node that runs it, or the latest attempt of a durable one. */
  readonly tasks: string;
  /** A hash: what durable tasks on record run with. */
  readonly memories: string;
  /** A sorted set: tasks that have ended, by when they are listed no more. It lives by that, not by its token's time. */
  readonly ended: string;
  /** A hash: what puts nothing on record any more, with who has taken it over. */
  readonly over: string;
  /** A hash: which nodes have subscribers of which state. */
  readonly present: string;
  /** What happens to the token is published here. */
  readonly channel: string;
}

export function tokenKeys(prefix: string, token: TokenKey): TokenKeys {
  const tag = `${prefix}{${token}}`;
  return {
    head: `${tag}:head`,
    log: `${tag}:log`,
    snapshot: `${tag}:snapshot`,
    waiters: `${tag}:waiters`,
    tasks: `${tag}:tasks`,
    memories: `${tag}:memories`,
    ended: `${tag}:ended`,
    over: `${tag}:over`,
    present: `${tag}:present`,
    channel: tag,
  };
}

/** Subscribed to with a token's channel by one listener alone: scripts count who else there is. */
export function ownChannel(channel: string, listener: string): string {
  return `${channel}:${listener}`;
}

/** A sorted set: durable tasks of all tokens, `<token> <id>`, by when somebody has to look at them. */
export function dueKey(prefix: string): string {
  return `${prefix}{durable}:due`;
}

/** What the keys of the queue begin with that runs durable tasks: one node of a cluster has them. */
export function jobsPrefix(prefix: string): string {
  return `${prefix}{jobs}`;
}

/** Where nodes are kept. */
export interface NodeKeys {
  /** A sorted set: the nodes that live, by when they no longer do. */
  readonly alive: string;
  /** A sorted set: nodes that are gone, by when somebody may see to what they left. */
  readonly gone: string;
  /** A set: the tokens that a node may have tasks or subscribers of. */
  tokensOf(node: string): string;
}

export function nodeKeys(prefix: string): NodeKeys {
  return {
    alive: `${prefix}{nodes}:alive`,
    gone: `${prefix}{nodes}:gone`,
    tokensOf: (node) => `${prefix}{node ${node}}:tokens`,
  };
}
