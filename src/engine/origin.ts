import { settle } from '../values/settle.ts';
import type { EngineOptions } from './engine-options.ts';

type Contexts = Pick<EngineOptions, 'taskContext' | 'eventContext'>;

/**
 * Whom an event or a task acts for. Events get the request's context; what
 * outlives the request gets the value that `taskContext` made of it.
 */
export class Origin {
  readonly #contexts: Contexts;
  #eventContext: { readonly value: unknown } | null;
  #taskContext: { readonly value: unknown } | null;

  private constructor(
    contexts: Contexts,
    eventContext: { readonly value: unknown } | null,
    taskContext: { readonly value: unknown } | null,
  ) {
    this.#contexts = contexts;
    this.#eventContext = eventContext;
    this.#taskContext = taskContext;
  }

  static ofRequest(contexts: Contexts, context: unknown): Origin {
    return new Origin(contexts, { value: context }, null);
  }

  /** For what the server starts by itself. */
  static ofServer(contexts: Contexts): Origin {
    return Origin.ofTask(contexts, null);
  }

  /** For what a task leaves behind whose request is long over. */
  static ofTask(contexts: Contexts, taskContext: unknown): Origin {
    return new Origin(contexts, null, { value: taskContext });
  }

  /** The same without the request, which is over before the task is. */
  forTask(): Origin {
    return Origin.ofTask(this.#contexts, this.taskContext);
  }

  /** What events get: the request's context, or what `eventContext` makes of the task's. */
  get eventContext(): unknown {
    this.#eventContext ??= { value: this.#contexts.eventContext(this.taskContext) };
    return this.#eventContext.value;
  }

  /**
   * What tasks get; made once for each request.
   *
   * @throws {@link ValueNotStorableError} if it could not be kept in a store.
   */
  get taskContext(): unknown {
    this.#taskContext ??= { value: this.#makeTaskContext() };
    return this.#taskContext.value;
  }

  #makeTaskContext(): unknown {
    return settle(this.#contexts.taskContext(this.eventContext) ?? null, ['taskContext(…)']);
  }
}
