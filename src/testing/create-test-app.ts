import type { Engine } from '../engine/engine.ts';
import type { ErrorSource } from '../engine/engine-options.ts';
import type { Logger } from '../logging/logger.ts';
import type { App } from '../server/app.ts';
import { type AppOptions, assembleApp } from '../server/create-app.ts';
import {
  createPipeline,
  type HandlerOptions,
  type OptionsArgument,
} from '../server/graphql-pipeline.ts';
import { eventLabel } from '../state/event-label.ts';
import { MemoryStateStore } from '../store/memory/memory-state-store.ts';
import type { StateStore } from '../store/state-store.ts';
import { turn } from '../time/turn.ts';
import { createTestClient, type TestClient, type TestSubscription } from './test-client.ts';
import { ManualClock, type TestClock } from './test-clock.ts';

/** The options of an app; without a store it has one in memory. */
export type TestAppOptions<Context> = Omit<AppOptions<Context>, 'store'> & {
  readonly store?: StateStore;
};

/** Whom a client acts for. The context may be left out if an empty object is one. */
type ClientOptions<Context> = {
  /** Default: a new token. */
  readonly token?: string;
} & (Record<never, never> extends Context
  ? { readonly context?: Context }
  : { readonly context: Context });

/** An app under test: no server, no network, no waiting. */
export interface TestApp<Context> extends AsyncDisposable {
  readonly app: App<Context>;
  /** The app's time: time-outs of locks, `self.sleep`, `graceMs`, … */
  readonly clock: TestClock;
  /** What `onError` was called with. */
  readonly failures: readonly { readonly error: unknown; readonly source: ErrorSource }[];
  /** A client with a token and a context of its own. */
  client(...options: OptionsArgument<ClientOptions<Context>>): TestClient;
  /**
   * Resolves when all events and tasks are done, follow-ups included. While
   * every task sleeps (`self.sleep`), the clock moves on to the next that is
   * due; one that waits for the world outside is waited for.
   *
   * @throws Error that names what is left, if tasks still sleep after 10,000
   * timers, or if nothing has moved on for three seconds.
   */
  settled(): Promise<void>;
  /** Ends subscriptions and tasks. The same as `await using`. */
  close(): Promise<void>;
}

/** Brings a schema to life for a test: in development mode, on a clock that the test moves. */
export function createTestApp<Context = unknown>(
  options: TestAppOptions<Context>,
): TestApp<Context> {
  const clock = new ManualClock();
  const own = new MemoryStateStore(clock, { hasDurable: true });
  const failures: { error: unknown; source: ErrorSource }[] = [];
  const { app, engine } = assembleApp<Context>(
    {
      development: true,
      store: own,
      logger: silent,
      ...options,
      onError: (error: unknown, source: ErrorSource) => {
        failures.push({ error, source });
        options.onError?.(error, source);
      },
    } as unknown as AppOptions<Context>,
    clock,
  );
  const open = new Set<TestSubscription<unknown>>();
  const close = () =>
    closeAll(
      engine,
      clock,
      [...open].map((each) => each.return()),
    );
  return {
    app,
    failures,
    clock: { now: () => clock.now(), advance: (ms) => advance(engine, clock, ms) },
    client(...[given]) {
      const { token = app.issueToken(), context = {} } = (given ?? {}) as {
        token?: string;
        context?: unknown;
      };
      const handler = { context: () => context } as unknown as HandlerOptions<Context>;
      return createTestClient(token, createPipeline(app, handler), open);
    },
    settled: () => settle(() => engine.busy || (own.durable?.isBusy ?? false), engine, clock),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** How often {@link settle} moves the clock on before it gives up. */
const maxTimers = 10_000;

/** How long, in ms, {@link settle} waits for a handler that neither ends nor sleeps. */
const patienceMs = 3_000;

/** How long {@link advance} lets the world outside take between two timers, in turns of the event loop. */
const maxTurns = 100;

async function settle(isBusy: () => boolean, engine: Engine, clock: ManualClock): Promise<void> {
  let timers = 0;
  let restedAt = performance.now();
  await turn();
  while (isBusy()) {
    await turn();
    if (engine.resting && clock.runNext(Number.POSITIVE_INFINITY)) {
      restedAt = performance.now();
      timers += 1;
    }
    if (timers >= maxTimers) {
      throw new Error(`Expected tasks to end, but after ${timers} timers ${live(engine)} sleep.`);
    }
    if (performance.now() - restedAt > patienceMs) {
      throw new Error(
        `Expected events and tasks to end, but for ${patienceMs} ms ${live(engine)} wait. Under a lock the clock does not move by itself: advance it.`,
      );
    }
  }
}

/** What is under way, for messages. */
function live(engine: Engine): string {
  const names = [...engine.tasks.live].map(({ event }) => eventLabel(event));
  return [...names, ...engine.holders].join(', ') || 'something';
}

async function advance(engine: Engine, clock: ManualClock, ms: number): Promise<void> {
  if (!(ms >= 0)) throw new RangeError(`Expected a time of 0 ms or more, got ${ms}.`);
  const end = clock.now() + ms;
  do await rest(engine);
  while (clock.runNext(end));
  clock.moveTo(end);
}

/** How long, in ms, what is at hand may take when a test app closes. */
const closeMs = 1_000;

async function closeAll(
  engine: Engine,
  clock: ManualClock,
  work: Promise<unknown>[],
): Promise<void> {
  const end = clock.now() + closeMs;
  const startedAt = performance.now();
  let done = false;
  const closing = Promise.all([...work, engine.close(0)]).finally(() => {
    done = true;
  });
  while (!done) {
    await turn();
    // What needs no time goes first; what waits for the world outside has as long as it would have on a server.
    if (engine.resting || performance.now() - startedAt > closeMs) clock.runNext(end);
  }
  await closing;
}

/** Lets everything run that needs no time. */
async function rest(engine: Engine): Promise<void> {
  await turn();
  for (let turns = 0; turns < maxTurns && !engine.resting; turns += 1) await turn();
  await turn();
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
