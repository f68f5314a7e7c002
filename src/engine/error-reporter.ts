import type { EventDefinition } from '../state/definitions.ts';
import type { TaskOutcome } from '../state/task-status.ts';
import type { TokenKey } from '../tokens/token-key.ts';
import { isObject } from '../values/plain.ts';
import type { EngineOptions, ErrorSource } from './engine-options.ts';

/** An event that failed, or a task of it. */
export interface EventFailure {
  readonly event: EventDefinition;
  readonly key: TokenKey;
  readonly taskId?: string | undefined;
  /** If it was `onExit` that failed. */
  readonly outcome?: TaskOutcome | undefined;
}

/** Tells `onError`, and remembers what it has told. */
export class ErrorReporter {
  readonly #options: Pick<EngineOptions, 'onError' | 'logger'>;
  readonly #known = new WeakSet<object>();

  constructor(options: Pick<EngineOptions, 'onError' | 'logger'>) {
    this.#options = options;
  }

  reportEvent(error: unknown, { event, key, taskId, outcome }: EventFailure): void {
    this.report(error, {
      state: event.state.name,
      event: event.name,
      computed: null,
      key,
      taskId: taskId ?? null,
      outcome: outcome ?? null,
    });
  }

  report(error: unknown, source: ErrorSource): void {
    if (isObject(error)) this.#known.add(error);
    const { onError, logger } = this.#options;
    const onFailure = (failure: unknown) => {
      logger.error({ err: failure, source }, 'onError threw');
    };
    try {
      // It may be async, whatever its type says.
      Promise.resolve(onError(error, source)).catch(onFailure);
    } catch (failure) {
      onFailure(failure);
    }
  }

  knows(error: unknown): boolean {
    return isObject(error) && this.#known.has(error);
  }
}
