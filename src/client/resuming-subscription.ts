import { type ClientConnection, connectionOf } from './client-connection.ts';
import {
  type GraphQLErrorLike,
  refusal,
  remedyFor,
  type SubscriptionRefusedError,
} from './graphql-errors.ts';
import { retryWait } from './retry-wait.ts';
import type { ConnectionListener, ResultSink, SubscriptionClient } from './subscription-client.ts';

/** What a subscription that goes on from where it was has to select. */
export interface ResumableDiff {
  /** Where the subscription stands; it goes on from here. */
  readonly cursor: string;
  /** The version of the state after the diff. */
  readonly version: number;
  /** The version of the diff before; 0 if this one replaces what was there. If it is selected, gaps are looked for. */
  readonly since?: number;
}

export interface SubscriptionListener<Diff> {
  /** @param errors of fields of this diff. */
  onDiff(diff: Diff, errors: readonly GraphQLErrorLike[]): void;
  /** Whether the server has the subscription, as far as its client tells. */
  onConnection(isConnected: boolean): void;
  onRefused(error: SubscriptionRefusedError): void;
}

export interface ResumableVariables {
  /** A cursor; without one the subscription begins with a snapshot. */
  readonly since?: string | null | undefined;
}

export interface ResumableOperation {
  readonly query: string;
  readonly variables: ResumableVariables;
  /** Called when a diff did not follow from the one before. */
  onGap(): void;
}

interface Result {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphQLErrorLike[];
}

/** A server that refuses says so in less. One that has nothing to tell since a cursor says nothing. */
const refusalMs = 1_000;

/** A subscription that lasted so long was a good one, however little came. */
const stableMs = 10_000;

/** One try; what comes of it after `stop` is late. */
interface Attempt {
  readonly stop: AbortController;
  /** When it was sent, after a wait or at once. */
  begunAt: number;
  /** It has brought something newer than what there was. */
  hasProgressed: boolean;
  end(): void;
}

/**
 * One subscription that goes on from its cursor whatever ends it: the connection,
 * the server, or a client that gives up. It can be stopped and started again.
 */
export class ResumingSubscription<Diff extends ResumableDiff> {
  readonly #client: SubscriptionClient;
  readonly #connection: ClientConnection;
  readonly #operation: ResumableOperation;
  /** One object for all tries: a client that tries again by itself sends it as it is then. */
  readonly #variables: Record<string, unknown>;
  readonly #listener: SubscriptionListener<Diff>;
  #attempt: Attempt | null = null;
  #retries = 0;
  #lastVersion: number | null = null;

  constructor(
    client: SubscriptionClient,
    operation: ResumableOperation,
    listener: SubscriptionListener<Diff>,
  ) {
    this.#client = client;
    this.#connection = connectionOf(client);
    this.#operation = operation;
    this.#variables = { ...operation.variables };
    this.#listener = listener;
  }

  get cursor(): string | null {
    return (this.#variables['since'] ?? null) as string | null;
  }

  get isRunning(): boolean {
    return this.#attempt !== null;
  }

  start(): void {
    this.#subscribe(this.#newAttempt());
  }

  stop(): void {
    const attempt = this.#attempt;
    this.#attempt = null;
    attempt?.stop.abort();
    attempt?.end();
  }

  #newAttempt(): Attempt {
    this.#attempt = {
      stop: new AbortController(),
      begunAt: Number.POSITIVE_INFINITY,
      hasProgressed: false,
      end: () => {},
    };
    return this.#attempt;
  }

  #subscribe(attempt: Attempt): void {
    attempt.begunAt = performance.now();
    const { stop } = attempt;
    const whileCurrent =
      <Args extends unknown[]>(handle: (...args: Args) => void) =>
      (...args: Args) => {
        if (!stop.signal.aborted) handle(...args);
      };
    const sink: ResultSink = {
      next: whileCurrent((result) => this.#take(result as Result)),
      error: whileCurrent((reason) => this.#ended(reason)),
      complete: whileCurrent(() => this.#ended(null)),
    };
    const payload = { query: this.#operation.query, variables: this.#variables };
    try {
      attempt.end = this.#client.subscribe(payload, sink, this.#watchConnection(stop.signal));
    } catch (error) {
      if (!stop.signal.aborted) this.#ended(error);
    }
    // The client may have called the sink already.
    if (stop.signal.aborted) attempt.end();
  }

  /** Tells of the connection until the signal aborts. Returns what the client itself may call. */
  #watchConnection(signal: AbortSignal): ConnectionListener {
    let heard: ReturnType<typeof setTimeout> | undefined;
    const expectAnswer = () => {
      clearTimeout(heard);
      // Without one it begins with a snapshot, which will come.
      if (this.cursor === null) return;
      heard = setTimeout(() => this.#listener.onConnection(true), refusalMs);
    };
    const isDown = () => {
      clearTimeout(heard);
      this.#listener.onConnection(false);
    };
    if (this.#connection.isUp) expectAnswer();
    const unlisten = this.#connection.listen(() =>
      this.#connection.isUp ? expectAnswer() : isDown(),
    );
    signal.addEventListener('abort', () => {
      clearTimeout(heard);
      unlisten();
    });
    const unlessOver = (call: () => void) => () => {
      if (!signal.aborted) call();
    };
    return { connecting: unlessOver(isDown), connected: unlessOver(expectAnswer) };
  }

  #take({ data, errors = [] }: Result): void {
    const [diff] = Object.values(data ?? {}) as (Diff | null | undefined)[];
    if (!diff) this.#ended(errors);
    else if (typeof diff.cursor !== 'string' || typeof diff.version !== 'number') {
      this.#ended(
        refusal([{ message: 'Expected a diff with `cursor` and `version`: select them.' }]),
      );
    } else if (!this.#follows(diff)) {
      this.#operation.onGap();
      this.#retry({ anew: true });
    } else {
      const isNewer = this.#lastVersion !== null && diff.version > this.#lastVersion;
      if (this.#attempt && isNewer) this.#attempt.hasProgressed = true;
      this.#variables['since'] = diff.cursor;
      this.#lastVersion = diff.version;
      this.#listener.onDiff(diff, errors);
    }
  }

  #follows({ since }: Diff): boolean {
    return !since || this.#lastVersion === null || since === this.#lastVersion;
  }

  #ended(reason: unknown): void {
    const remedy = remedyFor(reason);
    if (remedy !== 'give up') this.#retry({ anew: remedy === 'begin anew' });
    else {
      this.stop();
      this.#listener.onRefused(refusal(reason));
    }
  }

  #retry({ anew }: { readonly anew: boolean }): void {
    const ended = this.#attempt;
    const hasLasted = ended !== null && performance.now() - ended.begunAt > stableMs;
    // The same diff again may be all that the server has before it fails, each time.
    if (ended?.hasProgressed || hasLasted) this.#retries = 0;
    this.stop();
    if (anew) {
      this.#variables['since'] = null;
      this.#lastVersion = null;
    }
    const attempt = this.#newAttempt();
    const { signal } = attempt.stop;
    this.#listener.onConnection(false);
    void retryWait(this.#retries, signal).then(() => {
      if (!signal.aborted) this.#subscribe(attempt);
    });
    this.#retries += 1;
  }
}
