import type { GraphQLSchema } from 'graphql';
import type { AppCore } from '../engine/app-core.ts';
import { callSite } from '../engine/call-site.ts';
import { detach } from '../engine/lock-context.ts';
import type { BackgroundTask } from '../engine/tasks/background-task.ts';
import type { TaskInfo } from '../engine/tasks/task-info.ts';
import type { Logger } from '../logging/logger.ts';
import type { StateReference, StateShape } from '../state/definitions.ts';
import type { BoundEvent } from '../state/event-reference.ts';
import { requireEventCall } from '../state/event-reference.ts';
import type { LockRoot, StateBlock, StateDraft } from '../state/handler-types.ts';
import type { TokenKey } from '../tokens/token-key.ts';

interface AppSettings {
  readonly schema: GraphQLSchema;
  readonly development: boolean;
  readonly logger: Logger;
}

/**
 * A schema with states, running on a store. Its methods are for the server's
 * own code: they take keys (`s.token`, `self.token`, `app.keyOf`), not tokens.
 */
export class App<Context = unknown> {
  /** The executable schema: its resolvers find this app. */
  readonly schema: GraphQLSchema;
  readonly development: boolean;
  readonly logger: Logger;
  readonly #core: AppCore;

  /** @internal Use `createApp`. */
  constructor(core: AppCore, { schema, development, logger }: AppSettings) {
    this.#core = core;
    this.schema = schema;
    this.development = development;
    this.logger = logger;
  }

  /** The tasks of this process that have not settled; empty when all are done. */
  get backgroundTasks(): ReadonlySet<BackgroundTask> {
    return this.#core.engine.tasks.live;
  }

  /** How many subscriptions this process holds. */
  get subscribers(): number {
    return this.#core.engine.subscribers;
  }

  /** Logs an error that no handler threw, and that `onError` does not know. @internal */
  logUnexpected(error: unknown): void {
    if (this.#core.engine.wasReported(error)) return;
    this.logger.error({ err: error }, 'unexpected error while an operation was executed');
  }

  /** Resolves when the store can be used; rejects with a {@link StoreOpenError} or {@link StoreUnavailableError} if it cannot. */
  get opened(): Promise<void> {
    return this.#core.engine.opened;
  }

  /** Whether new work can be done now: not while the store is away. */
  get ready(): boolean {
    return this.#core.engine.ready;
  }

  /** Whether {@link close} was called. */
  get closing(): boolean {
    return this.#core.engine.closing;
  }

  /**
   * The key of a client's token.
   *
   * @throws {@link InvalidTokenError}
   */
  keyOf(token: string): TokenKey {
    return this.#core.tokens.keyOf(token);
  }

  /** A new token, as `issueToken` makes them. */
  issueToken(): string {
    return this.#core.tokens.issue();
  }

  /** A token's tasks that run or wait, and those that have ended lately, of every node; oldest first. */
  listTasks(key: TokenKey): Promise<readonly TaskInfo[]> {
    return this.#core.engine.tasksOf(key);
  }

  /**
   * Ends a task at once, on whatever node it runs: it can change nothing more. Does
   * nothing to one that has ended.
   *
   * @throws {@link UnknownTaskError}
   */
  cancelTask(key: TokenKey, id: string): Promise<TaskInfo> {
    return this.#core.engine.cancel({ key, id });
  }

  /** The keys of the tokens that this process holds state for. */
  tokens(): Iterable<TokenKey> {
    return this.#core.engine.keys();
  }

  /**
   * Takes a token's lock and runs the handler as one transaction: commits when
   * it returns, rolls back when it throws. Resolves to what it returned.
   *
   * @throws {@link NestedModifyError} inside a handler that holds a lock; {@link LockTimeoutError}.
   */
  modifyState<Result>(
    key: TokenKey,
    handler: (root: LockRoot) => Result | Promise<Result>,
  ): Promise<Result>;
  modifyState<Shape extends StateShape, Result>(
    state: StateReference<Shape>,
    key: TokenKey,
    handler: (state: StateDraft<Shape>) => Result | Promise<Result>,
  ): Promise<Result>;
  modifyState(
    ...args:
      | [key: TokenKey, handler: (root: never) => unknown]
      | [state: StateReference, key: TokenKey, handler: (draft: never) => unknown]
  ): Promise<unknown> {
    const { engine } = this.#core;
    if (args.length === 2) {
      const [key, handler] = args;
      return engine.modifyState(key, null, handler as (root: object) => unknown);
    }
    const [state, key, handler] = args;
    return engine.modifyState(key, state.definition, handler as (draft: object) => unknown);
  }

  /** The block form: `await using s = await app.modify(State, key)`. Commits when the block ends. */
  async modify<Shape extends StateShape>(
    state: StateReference<Shape>,
    key: TokenKey,
  ): Promise<StateBlock<Shape>> {
    const site = callSite(this.modify);
    return (await this.#core.engine.modify(key, state.definition, site)) as StateBlock<Shape>;
  }

  /**
   * Holds the locks of several tokens at once. They are taken in the order of
   * their keys; each token commits by itself, so a crash can come between.
   */
  modifyAll<const Keys extends readonly TokenKey[], Result>(
    keys: Keys,
    handler: (roots: { -readonly [Index in keyof Keys]: LockRoot }) => Result | Promise<Result>,
  ): Promise<Result> {
    return this.#core.engine.modifyAll(keys, handler as unknown as (roots: object[]) => Result);
  }

  /**
   * Runs an event, or starts a background event, from a webhook or a timer.
   * Resolves after the event's commit, or when the task has started.
   */
  async dispatch(
    event: BoundEvent,
    key: TokenKey,
    options?: { readonly context: Context },
  ): Promise<void> {
    const { engine } = this.#core;
    const call = requireEventCall(event);
    const context = options ? options.context : engine.options.eventContext(null);
    if (call.event.kind === 'background') await engine.start(key, call, context);
    else await engine.dispatch(key, call, { context, isClient: false });
  }

  /** Runs work that outlives the handler it is started in: it may take locks of its own. */
  detach<Result>(work: () => Result): Result {
    return detach(work);
  }

  /**
   * Takes nothing new, and waits up to `graceMs`: for events, then for tasks, whose
   * signals abort. Cancels the tasks that are left, and closes the store. Idempotent.
   */
  close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    return this.#core.engine.close(graceMs);
  }
}
