import { setTimeout as sleep } from 'node:timers/promises';
import { type Data, type Result, SocketClient } from '../../support/socket-client.ts';
import type { Observation, Operation, OperationKind, Outcome } from '../history.ts';
import type { Cluster } from '../nodes/cluster.ts';

const watch = `subscription ($token: ID!, $since: String) {
  cell(token: $token, since: $since) { version since reset cursor state { n ops } }
}`;

const mutations = {
  append: `mutation ($token: ID!, $op: String!, $holdMs: Int!, $keep: Int!) {
    cellAppend(token: $token, op: $op, holdMs: $holdMs, keep: $keep) { version }
  }`,
  refuse: 'mutation ($token: ID!, $op: String!) { cellRefuse(token: $token, op: $op) { version } }',
  work: 'mutation ($token: ID!, $op: String!) { cellWork(token: $token, op: $op) { id } }',
} as const satisfies Record<OperationKind, string>;

/** Who waits longer for an answer goes to another node. */
const answerMs = 8_000;

/** Before another node is tried. */
const reconnectMs = 50;

/** An answer that says that the outcome is not known, or that what was started has been ended by another. */
const unknownCodes: readonly string[] = ['STORE_OUTCOME_UNKNOWN', 'TASK_LOST'];

export interface Order {
  readonly id: string;
  readonly kind: OperationKind;
  readonly holdMs: number;
}

/**
 * A client of one token: on one node at a time, it watches the token and sends
 * operations. When its connection is lost it goes on at the next node, from its
 * last cursor.
 */
export class Seat {
  readonly observations: Observation[] = [];
  readonly operations: Operation[] = [];
  /** Subscriptions that went on from a cursor, and those that began anew. */
  resumed = 0;
  resets = 0;
  /** Errors that ended a subscription, by their code. */
  readonly refusedSubscriptions: string[] = [];
  readonly #cluster: Cluster;
  readonly #token: string;
  readonly #keep: number;
  #slot: number;
  #client: SocketClient | null = null;
  #cursor: string | null = null;
  #closed = false;
  readonly #done: Promise<void>;

  constructor(
    cluster: Cluster,
    place: { readonly token: string; readonly slot: number; readonly keep: number },
  ) {
    this.#cluster = cluster;
    this.#token = place.token;
    this.#slot = place.slot;
    this.#keep = place.keep;
    this.#done = this.#watch();
  }

  /** The last that it saw. */
  get version(): number {
    return this.observations.at(-1)?.version ?? 0;
  }

  /** The newest that it was told of, by its subscription or an answer. */
  get newest(): number {
    const outcome = this.operations.at(-1)?.outcome;
    return Math.max(this.version, outcome?.kind === 'acknowledged' ? outcome.version : 0);
  }

  /** Sends one operation and records what came of it; waits a little instead if it has no connection. */
  async send({ id, kind, holdMs }: Order): Promise<void> {
    const client = this.#client;
    if (!client) {
      await sleep(reconnectMs);
      return;
    }
    const variables = { token: this.#token, op: id, holdMs, keep: this.#keep };
    const sentAt = performance.now();
    const outcome = await answered(client, outcomeOf(client, kind, variables));
    this.operations.push({ id, kind, sentAt, outcome });
  }

  /** The state, as this client's node has it; null if that cannot be had now. */
  async read(): Promise<Data | null> {
    const query = 'query ($token: ID!) { cell(token: $token) { version n ops } }';
    const client = this.#client;
    if (!client) return null;
    const within = AbortSignal.timeout(answerMs);
    const late = new Promise<null>((resolve) => {
      within.addEventListener('abort', () => resolve(null));
    });
    const result = client.result(query, { token: this.#token }).catch(() => null);
    return (await Promise.race([result, late]))?.data?.['cell'] ?? null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Not a polite close: the node may be stopped.
    this.#client?.client.terminate();
    await this.#done;
  }

  async #watch(): Promise<void> {
    while (!this.#closed) {
      const url = this.#cluster.urlAt(this.#slot);
      if (url) await this.#watchAt(url);
      this.#slot += 1;
      if (!this.#closed) await sleep(reconnectMs);
    }
  }

  async #watchAt(url: string): Promise<void> {
    const client = new SocketClient(url);
    this.#client = client;
    try {
      const variables = { token: this.#token, since: this.#cursor };
      const subscription = client.subscribe(watch, variables);
      for (let first = true; ; first = false) {
        const result = await subscription.nextResult();
        if (!result?.data || result.errors) {
          this.refusedSubscriptions.push(codeOf(result));
          return;
        }
        this.#observe(result.data['cell'], first);
      }
    } catch (error) {
      // The connection is lost, or the subscription was refused.
      if (Array.isArray(error)) this.refusedSubscriptions.push(codeOf({ errors: error }));
    } finally {
      this.#client = null;
      await client.close();
    }
  }

  #observe({ version, since, reset, cursor, state }: Data, first: boolean): void {
    const isReturn = first && this.#cursor !== null;
    if (reset && (isReturn || !first)) this.resets += 1;
    if (!reset && isReturn) this.resumed += 1;
    this.#cursor = cursor;
    const { n, ops } = state;
    this.observations.push({ at: performance.now(), version, since, reset, first, n, ops });
  }
}

/** Nobody answered: the client hangs up. */
async function answered(client: SocketClient, outcome: Promise<Outcome>): Promise<Outcome> {
  const timer = setTimeout(() => client.client.terminate(), answerMs);
  try {
    return await outcome;
  } finally {
    clearTimeout(timer);
  }
}

async function outcomeOf(
  client: SocketClient,
  kind: OperationKind,
  variables: Record<string, unknown>,
): Promise<Outcome> {
  try {
    const result = await client.result(mutations[kind], variables);
    const at = performance.now();
    if (result.errors) {
      const code = codeOf(result);
      return unknownCodes.includes(code) ? { kind: 'unknown' } : { kind: 'refused', at, code };
    }
    const [field] = Object.values(result.data);
    const { version, id } = field as Data;
    return kind === 'work'
      ? { kind: 'started', at, taskId: id }
      : { kind: 'acknowledged', at, version };
  } catch {
    return { kind: 'unknown' };
  }
}

function codeOf(result: Pick<Result, 'errors'> | null): string {
  const [error] = result?.errors ?? [];
  return String(error?.extensions?.['code'] ?? error?.message ?? 'NO_RESULT');
}
